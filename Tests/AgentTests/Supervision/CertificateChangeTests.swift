import Foundation
import SecretMemory
import Testing
import Wire

@testable import TLS
@testable import TacitClient

/// A change of everything that proves who is who, while everybody works.
@Suite("Certificates and authorities that are exchanged under load", .onItsOwnThread)
struct CertificateChangeTests {
    private let isOver = Recorded<Bool>()
    private let answered = Recorded<Int>()

    @Test func `no request fails while certificates, and then the authority, are exchanged step by step`() throws {
        let agent = try Program()
        let old = agent.domain
        let new = try Domain("next authority", in: agent.workspace)
        // All trust what stands in one file, which is exchanged as a whole.
        let bundle = old.certificate
        let oldAuthority = agent.workspace.text("authority of tests.crt")
        let newAuthority = agent.workspace.text("next authority.crt")
        let files = try old.client(Domain.worker, as: "worker")
        let options = ClientOptions(
            address: .unix(path: agent.workspace.path("agent.sock")),
            certificate: files.certificate,
            privateKey: files.privateKey,
            authority: bundle,
            timeout: .seconds(30)
        )
        let threads = Threads()
        for index in 0..<16 {
            let keeps = index % 2 == 0
            threads.start { try work(options, keeps: keeps) }
        }
        try proceed()

        // 1. Everybody trusts both.
        try agent.workspace.write(oldAuthority + newAuthority, to: "authority of tests.crt")
        try agent.reload()
        try proceed()
        // 2. Workers get certificates of the new one. Both files change, and not at the same moment.
        try new.issue(Domain.client(Domain.worker), as: "worker")
        try proceed()
        // 3. So does the agent.
        try new.issueAgent()
        try agent.reload()
        try proceed()
        // 4. The old one goes. Who is still there with its certificate is sent away, and comes back with the new one.
        var late = try Caller(agent.unix, ClientContext(files: oldCertificate(old, trusting: new)))
        try agent.workspace.write(newAuthority, to: "authority of tests.crt")
        try agent.reload()
        #expect(try late.farewell() == Reason(rawValue: "UNAUTHENTICATED"))
        try proceed()

        isOver.append(true)
        try threads.join()
        #expect(try agent.end() == 0)
        let stale = try ClientContext(files: oldCertificate(old, trusting: new))
        #expect(throws: (any Error).self) { _ = try Caller(agent.unix, stale).wasResumed }
    }

    private func oldCertificate(_ old: Domain, trusting new: Domain) throws -> TLSFiles {
        try old.issue(Domain.client(Domain.worker), as: "late", trusting: new)
    }

    /// Asks all the time, on one connection or on a new one each time.
    private func work(_ options: ClientOptions, keeps: Bool) throws {
        var client = try TacitClient(options)
        while isOver.all.isEmpty {
            let secret = try client.get(Reference(Program.key, in: "company.team"))
            guard copied(secret.value.bytes) == Array(Program.value.utf8) else { throw Overdue("another value") }
            answered.append(1)
            if !keeps { client.close() }
        }
    }

    private func proceed() throws {
        let before = answered.all.count
        try waitUntil("requests are answered") { answered.all.count >= before + 200 }
    }
}
