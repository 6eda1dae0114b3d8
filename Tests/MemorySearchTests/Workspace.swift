import Foundation
import OpenSSLHooks
import TLS
import TacitClient

/// A folder with what any agent and its clients need: certificates, a place for the socket, a port.
final class Workspace: Sendable {
    let folder: String
    let port: UInt16

    init() throws {
        OpenSSLMemory.install()
        folder = FileManager.default.temporaryDirectory.appending(path: "tacit-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        port = Self.freePort()
        try issueCertificates()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
    }

    /// What every agent of these tests writes.
    var writtenFiles: [String] { ["log", "audit.jsonl", "output"].map(path) }

    /// What every agent of these tests has in its environment.
    var variables: [String: String] {
        [
            "PATH": "/usr/bin:/bin", "TACIT_PROBE": path("probe.sock"),
            // The language's crash reporter would print what registers point at; the agent has to keep it off by itself.
            "SWIFT_BACKTRACE": "enable=yes",
        ]
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

    /// The configuration of an agent.
    ///
    /// - Parameters:
    ///   - scopes: `secret` of each namespace that has one of its own, in one line.
    ///   - kestra: what stands below `kestra`, a line for each key.
    func configuration(scopes: [(namespace: String, secret: String)], kestra: [String]) -> String {
        """
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
        \(scopes.map { "    - {tenant: main, namespace: \($0.namespace), secret: \($0.secret)}" }.joined(separator: "\n"))
          audit:
            file: \(path("audit.jsonl"))
            required: true
          health:
            address: "off"
          log:
            level: trace
        kestra:
        \(kestra.map { "  \($0)" }.joined(separator: "\n"))

        """
    }
}
