import Foundation
import OpenSSLHooks
import TLS
import TacitClient

/// A folder with everything that an agent and its clients need, and the secrets that its configuration holds.
final class Scene: Sendable {
    /// How long the agent keeps a value.
    static let lifetime = Duration.seconds(10)

    let folder: String
    let port: UInt16

    /// Secrets of the configuration, which the agent may keep in the arena for as long as it runs.
    let configured: [Canary]
    /// Values that stand Base64-encoded in the process's environment and in a file of that form. They may stay so in the
    /// arena, and plain only for as long as they are cached.
    let environment = Canary.many(8, "environment")
    let environmentFile = Canary.many(10_000, "environment file")

    private let storeSecret = Canary("store secret, inline")
    private let previousSecret = Canary("previous store secret, inline and escaped")
    private let otherStoreSecret = Canary("store secret, from a variable")
    private let encryptionKey = Canary("encryption key, in a document of the environment")

    init() throws {
        OpenSSLMemory.install()
        configured = [storeSecret, previousSecret, otherStoreSecret, encryptionKey]
        folder = FileManager.default.temporaryDirectory.appending(path: "tacit-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        port = Self.freePort()
        try issueCertificates()
        try write("agent.yaml", configuration)
        try write("secrets.env", environmentFile.map { "\(Self.variable($0))=\(Self.base64($0))\n" }.joined())
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Everything that the agent writes.
    var writtenFiles: [String] {
        [
            "log", "audit.jsonl", "output", "store.db", "store.db-wal", "store.db-shm", "other.db", "other.db-wal",
            "other.db-shm",
        ]
        .map(path)
    }

    /// The agent's environment.
    var variables: [String: String] {
        var variables = [
            "PATH": "/usr/bin:/bin", "TACIT_PROBE": path("probe.sock"), "STORE_SECRET": otherStoreSecret.text,
        ]
        // The language's crash reporter would print what registers point at; the agent has to keep it off by itself.
        variables["SWIFT_BACKTRACE"] = "enable=yes"
        variables["KESTRA_CONFIGURATION"] = "kestra:\n  encryption:\n    secret-key: '\(encryptionKey.text)'\n"
        for canary in environment { variables[Self.variable(canary)] = Self.base64(canary) }
        return variables
    }

    /// `unix` or TCP.
    func options(_ name: String, unix: Bool) throws -> ClientOptions {
        ClientOptions(
            address: try Address(unix ? "unix://\(path("agent.sock"))" : "tcp://127.0.0.1:\(port)"),
            certificate: path("\(name).crt"),
            privateKey: path("\(name).key"),
            authority: path("ca.crt"),
            timeout: .seconds(30)
        )
    }

    func clientFiles(_ name: String) -> TLSFiles {
        TLSFiles(certificate: path("\(name).crt"), privateKey: path("\(name).key"), authority: path("ca.crt"))
    }

    /// The key under which a canary of the environment is asked for.
    static func key(_ canary: Canary) -> String { canary.name.replacing(" ", with: "_").uppercased() }

    private static func variable(_ canary: Canary) -> String { "SECRET_" + key(canary) }

    private static func base64(_ canary: Canary) -> String { Data(canary.bytes).base64EncodedString() }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
    }

    private func issueCertificates() throws {
        let authority = try CertificateAuthority.create(AuthorityRequest(trustDomain: "example.org"))
        try authority.save(certificate: path("ca.crt"), privateKey: path("ca.key"))
        func issue(_ name: String, _ identity: String, _ purpose: Purpose) throws {
            let request = try LeafRequest(
                spiffeID: "spiffe://example.org/\(identity)",
                addresses: purpose == .server ? ["127.0.0.1"] : [],
                purposes: [purpose]
            )
            try authority.issue(request).save(certificate: path("\(name).crt"), privateKey: path("\(name).key"))
        }
        try issue("agent", "service/agent", .server)
        try issue("worker", "tenant/main/service/worker", .client)
        try issue("executor", "tenant/main/service/executor", .client)
        try issue("operator", "operator/one", .client)
    }

    private static func freePort() -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe bind(descriptor, $0, size)
                _ = unsafe getsockname(descriptor, $0, &size)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private var configuration: String {
        let cache = "{maximum-size: 20000, expire-after-write: \(Self.lifetime.components.seconds)s}"
        let escaped = previousSecret.text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return """
            tacit:
              node: searched
              listeners:
                - address: unix://\(path("agent.sock"))
                - address: tcp://127.0.0.1:\(port)
              tls:
                certificate: \(path("agent.crt"))
                private-key: \(path("agent.key"))
                client-ca: \(path("ca.crt"))
              policy:
                grants:
                  - identity: spiffe://example.org/tenant/main/service/*
                    tenant: main
                    service: "*"
                    namespaces: [company.**]
                    keys: ["*"]
                    operations: [get, list]
                  - identity: spiffe://example.org/operator/*
                    tenant: main
                    service: "*"
                    namespaces: [company.**]
                    keys: ["*"]
                    operations: [get, list, put, delete, evict]
              scopes:
                - tenant: main
                  namespace: company.environment
                  secret:
                    type: env
                    env:
                      files: [\(path("secrets.env"))]
                    cache: \(cache)
                - tenant: main
                  namespace: company.other
                  secret:
                    type: sqlite
                    sqlite:
                      path: \(path("other.db"))
                      secret: ${STORE_SECRET}
                    cache: \(cache)
              audit:
                file: \(path("audit.jsonl"))
                required: true
              health:
                address: "off"
              log:
                level: trace
            kestra:
              secret:
                type: sqlite
                sqlite:
                  path: \(path("store.db"))
                  secret: '\(storeSecret.text)'
                  previous-secrets: ["\(escaped)"]
                cache: \(cache)
                isolation:
                  enabled: true
            """ + "\n"
    }
}
