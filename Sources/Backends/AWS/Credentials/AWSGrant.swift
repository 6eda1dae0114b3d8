internal import SecretMemory
internal import Secrets

/// Keys as a source gave them.
struct AWSGrant: Sendable {
    let credentials: AWSCredentials
    /// Milliseconds since 1970; nil for keys that do not end.
    var end: Int64?

    init(_ credentials: AWSCredentials, end: Int64? = nil) {
        self.credentials = credentials
        self.end = end
    }

    /// Reads the answer of a metadata service.
    ///
    /// - Parameter tokenName: what the session token is called there.
    init(
        _ document: borrowing JSONDocument,
        tokenName: String = "Token",
        origin: String
    ) throws(BackendError) {
        guard let accessKey = try Self.secret(document.node("AccessKeyId"), of: document),
            let secretKey = try Self.secret(document.node("SecretAccessKey"), of: document)
        else { throw .malformed(detail: "the answer of \(origin) has no keys") }
        credentials = AWSCredentials(
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: try Self.secret(document.node(tokenName), of: document),
            origin: origin,
            isRenewable: true
        )
        guard let text = document.string(document.node("Expiration")) else { return }
        guard let end = ISODate.milliseconds(text) else {
            throw .malformed(detail: "the answer of \(origin) says in no form that is known when the keys end")
        }
        self.end = end
    }

    private static func secret(
        _ node: JSONDocument.Node?,
        of document: borrowing JSONDocument
    ) throws(BackendError) -> SharedSecret? {
        guard let node, document.kind(node) == .string else { return nil }
        let value = try BackendError.mappingMemory { () throws(MemoryError) in
            SharedSecret(try document.secret(node, account: .general))
        }
        return value.value.count > 0 ? value : nil
    }
}

/// A place where keys may be found.
protocol AWSCredentialSource: Sendable {
    /// - Returns: nil where the place is not in use here. One that is in use and has no keys to give is an error, so that the
    ///   agent never goes on with somebody else's.
    func grant() async throws(BackendError) -> AWSGrant?
}

/// Keys that are configured: `access-key-id` and `secret-key-id`.
struct FixedKeys: AWSCredentialSource {
    let accessKey: SharedSecret
    let secretKey: SharedSecret
    let sessionToken: SharedSecret?

    func grant() -> AWSGrant? {
        AWSGrant(
            AWSCredentials(
                accessKey: accessKey,
                secretKey: secretKey,
                sessionToken: sessionToken,
                origin: "the configuration"
            )
        )
    }
}

/// Keys in the process's variables.
struct VariableKeys: AWSCredentialSource {
    let variables: AWSVariables

    func grant() throws(BackendError) -> AWSGrant? {
        let accessKey = try variables.secret(AWSVariables.accessKey)
        let secretKey = try variables.secret(AWSVariables.secretKey)
        guard let accessKey, let secretKey else {
            if accessKey == nil, secretKey == nil { return nil }
            let missing = accessKey == nil ? AWSVariables.accessKey : AWSVariables.secretKey
            throw .denied(detail: "the variable \(missing) is missing beside its other half")
        }
        let token = try variables.secret(AWSVariables.sessionToken)
        let oldToken = token == nil ? try variables.secret(AWSVariables.oldSessionToken) : nil
        let credentials = AWSCredentials(
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: token ?? oldToken,
            origin: "the environment"
        )
        return AWSGrant(
            credentials,
            end: try variables.string("AWS_CREDENTIAL_EXPIRATION").flatMap(ISODate.milliseconds)
        )
    }
}
