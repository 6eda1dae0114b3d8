internal import Glibc

/// How a client reaches its agent, and as whom.
public struct ClientOptions: Equatable, Sendable {
    /// Where the agent listens.
    public var address: Address
    /// Path of the client's own certificate, with the intermediate ones that lead to the authority; PEM.
    public var certificate: String
    /// Path of the certificate's key; PEM, not encrypted.
    public var privateKey: String
    /// Path of the authorities that an agent's certificate may lead to; PEM.
    public var authority: String
    /// How long a call may take, the connection included.
    public var timeout: Duration
    /// The SPIFFE ID that the agent must have. Nil: over TCP its certificate must name the host that was dialled, and
    /// over a Unix socket any server of the authority will do, because the socket's folder says who may listen there.
    public var agentIdentity: String?

    /// How long a call may take where nothing else is said.
    public static let standardTimeout = Duration.seconds(10)

    public init(
        address: Address = .standard,
        certificate: String,
        privateKey: String,
        authority: String,
        timeout: Duration = ClientOptions.standardTimeout,
        agentIdentity: String? = nil
    ) {
        self.address = address
        self.certificate = certificate
        self.privateKey = privateKey
        self.authority = authority
        self.timeout = timeout
        self.agentIdentity = agentIdentity
    }

    /// What a command line says instead of the environment. Nil and an empty text say nothing.
    public struct Overrides: Equatable, Sendable {
        /// In place of `TACIT_SOCKET`.
        public var address: String?
        /// In place of `TACIT_CERTIFICATE`.
        public var certificate: String?
        /// In place of `TACIT_PRIVATE_KEY`.
        public var privateKey: String?
        /// In place of `TACIT_CA`.
        public var authority: String?
        /// In place of ``ClientOptions/standardTimeout``.
        public var timeout: Duration?

        public init(
            address: String? = nil,
            certificate: String? = nil,
            privateKey: String? = nil,
            authority: String? = nil,
            timeout: Duration? = nil
        ) {
            self.address = address
            self.certificate = certificate
            self.privateKey = privateKey
            self.authority = authority
            self.timeout = timeout
        }
    }

    /// Options from `TACIT_SOCKET` (``Address/standard`` where it is not set), `TACIT_CERTIFICATE`,
    /// `TACIT_PRIVATE_KEY` and `TACIT_CA`.
    ///
    /// - Throws: ``ClientError/configuration(_:)`` where one is missing or the address cannot be read.
    public static func fromEnvironment(_ overrides: Overrides = Overrides()) throws(ClientError) -> ClientOptions {
        try from(overrides) { name in
            guard let text = unsafe getenv(name) else { return nil }
            return unsafe String(cString: text)
        }
    }

    /// As ``fromEnvironment(_:)``, with the environment that `lookup` knows.
    static func from(_ overrides: Overrides, lookup: (String) -> String?) throws(ClientError) -> ClientOptions {
        func text(_ override: String?, _ name: String) -> String? {
            if let override, !override.isEmpty { return override }
            if let value = lookup(name), !value.isEmpty { return value }
            return nil
        }
        func required(_ override: String?, _ name: String, _ option: String, _ what: String) throws(ClientError)
            -> String
        {
            guard let value = text(override, name) else {
                throw .configuration("no \(what) is given: use \(option) or \(name)")
            }
            return value
        }
        let address = text(overrides.address, "TACIT_SOCKET")
        return ClientOptions(
            address: try address.map { (text) throws(ClientError) in try Address(text) } ?? .standard,
            certificate: try required(
                overrides.certificate,
                "TACIT_CERTIFICATE",
                "--certificate",
                "client certificate"
            ),
            privateKey: try required(overrides.privateKey, "TACIT_PRIVATE_KEY", "--private-key", "private key"),
            authority: try required(overrides.authority, "TACIT_CA", "--ca", "authority"),
            timeout: overrides.timeout ?? standardTimeout
        )
    }
}
