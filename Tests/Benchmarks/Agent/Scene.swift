import Glibc
import SecretMemory
import TLS

/// A folder with all that an agent and its clients need: certificates, a file of secrets, a configuration. Gone with its
/// owner.
final class Scene: Sendable {
    /// Secrets that the environment backend has.
    static let secretCount = 2000
    static let namespace = "company.team"

    let folder: String
    private let authority: CertificateAuthority
    let healthPort: UInt16

    /// - Parameters:
    ///   - memory: the arena's maximum, as it stands in the configuration; the default's where nil.
    ///   - secret: `kestra.secret` in one line; nil for a file of secrets.
    init(memory: String? = nil, secret: String? = nil) throws {
        folder = try Self.makeFolder()
        healthPort = try Self.freePort()
        authority = try .create(AuthorityRequest(trustDomain: "example.org"))
        try issueCertificates()
        try write("secrets.env", Self.secrets())
        try write("agent.yaml", configuration(memory, secret ?? environment))
    }

    deinit {
        for name in Self.names(in: folder) { unsafe unlink("\(folder)/\(name)") }
        unsafe rmdir(folder)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Where the agent listens.
    var socket: String { path("agent.sock") }

    /// The name under which a secret is asked for.
    static func key(_ number: Int) -> String { "KEY_\(number)" }

    /// A client's certificate and key, beside the agent's socket.
    static func worker(beside socket: String) -> TLSFiles {
        let folder = String(socket.dropLast("agent.sock".count))
        return TLSFiles(
            certificate: folder + "worker.crt",
            privateKey: folder + "worker.key",
            authority: folder + "ca.crt"
        )
    }

    /// The certificate and key of another tenant's worker.
    func worker(of tenant: String) throws -> TLSFiles {
        let files = TLSFiles(
            certificate: path("\(tenant).crt"),
            privateKey: path("\(tenant).key"),
            authority: path("ca.crt")
        )
        let request = try LeafRequest(
            spiffeID: "spiffe://example.org/tenant/\(tenant)/service/worker",
            purposes: [.client]
        )
        try authority.issue(request).save(certificate: files.certificate, privateKey: files.privateKey)
        return files
    }

    private func issueCertificates() throws {
        try authority.save(certificate: path("ca.crt"), privateKey: path("ca.key"))
        for (name, identity, purpose) in [
            ("agent", "service/agent", Purpose.server), ("worker", "tenant/main/service/worker", .client),
        ] {
            let request = try LeafRequest(spiffeID: "spiffe://example.org/\(identity)", purposes: [purpose])
            try authority.issue(request).save(certificate: path("\(name).crt"), privateKey: path("\(name).key"))
        }
    }

    /// Values of 64 characters, which are worth nothing, in the backend's file format.
    private static func secrets() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return (0..<secretCount).map { number in
            let value = String((0..<64).map { _ in letters[Int.random(in: 0..<letters.count)] })
            return "SECRET_\(key(number))=\(value)\n"
        }.joined()
    }

    /// The environment as the manager.
    private var environment: String {
        "{type: env, encoding: raw, env: {files: ['\(path("secrets.env"))']}, cache: {expire-after-write: 1h}}"
    }

    private func configuration(_ memory: String?, _ secret: String) -> String {
        """
        tacit:
          node: measured
          listeners:
            - address: unix://\(socket)
          tls:
            certificate: \(path("agent.crt"))
            private-key: \(path("agent.key"))
            client-ca: \(path("ca.crt"))
          policy:
            grants:
              - identity: spiffe://example.org/tenant/{tenant}/service/{service}
                tenant: "{tenant}"
                service: "{service}"
                namespaces: [company.**]
                keys: ["*"]
                operations: [get, heartbeat]
          memory:
            lock: preferred
            maximum: \(memory ?? "64MiB")
          audit:
            file: \(path("audit.jsonl"))
          health:
            address: 127.0.0.1:\(healthPort)
        kestra:
          secret: \(secret)
        """ + "\n"
    }

    private func write(_ name: String, _ text: String) throws {
        let descriptor = unsafe open(path(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.system("write \(path(name))") }
        defer { close(descriptor) }
        let count = unsafe Glibc.write(descriptor, text, text.utf8.count)
        guard count == text.utf8.count else { throw Failure.system("write \(path(name))") }
    }

    // MARK: The system's part

    private static func makeFolder() throws -> String {
        let folder = "/tmp/tacit-bench-\(getpid())-\(UInt32.random(in: 0 ..< .max))"
        guard unsafe mkdir(folder, 0o700) == 0 else { throw Failure.system("mkdir \(folder)") }
        return folder
    }

    /// Plain files of a folder.
    static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let bound = unsafe bind(descriptor, $0, size)
                _ = unsafe getsockname(descriptor, $0, &size)
                return bound
            }
        }
        guard bound == 0 else { throw Failure.system("find a free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
