import Foundation
import OpenSSLHooks
import TLS
import TacitClient

/// A folder with an authority and the certificates of one agent and one worker; removed at the end.
final class TestDomain: Sendable {
    static let agentIdentity = "spiffe://example.org/service/agent"
    static let workerIdentity = "spiffe://example.org/tenant/main/service/worker"

    let folder: String
    private let authority: CertificateAuthority

    init(agentNames: [String] = ["localhost"]) throws {
        OpenSSLMemory.install()
        folder = FileManager.default.temporaryDirectory.appending(path: "tacit-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        authority = try .create(AuthorityRequest(trustDomain: "example.org"))
        try authority.save(certificate: folder + "/ca.crt", privateKey: folder + "/ca.key")
        let agent = try LeafRequest(
            spiffeID: Self.agentIdentity,
            dnsNames: agentNames,
            addresses: ["127.0.0.1"],
            purposes: [.server]
        )
        try authority.issue(agent).save(certificate: folder + "/agent.crt", privateKey: folder + "/agent.key")
        try issueWorker(Self.workerIdentity)
    }

    /// Puts a certificate for the identity in the place of the worker's.
    func issueWorker(_ identity: String) throws {
        let worker = try authority.issue(LeafRequest(spiffeID: identity, purposes: [.client]))
        try worker.save(certificate: folder + "/worker.crt", privateKey: folder + "/worker.key", replacing: true)
    }

    /// The agent's files, trusting the clients of a domain.
    func agentFiles(trusting other: TestDomain? = nil) -> TLSFiles {
        TLSFiles(
            certificate: folder + "/agent.crt",
            privateKey: folder + "/agent.key",
            authority: (other ?? self).folder + "/ca.crt"
        )
    }

    /// How the worker reaches an agent.
    func options(_ address: Address, timeout: Duration = .seconds(20), agentIdentity: String? = nil) -> ClientOptions {
        ClientOptions(
            address: address,
            certificate: folder + "/worker.crt",
            privateKey: folder + "/worker.key",
            authority: folder + "/ca.crt",
            timeout: timeout,
            agentIdentity: agentIdentity
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
