import Foundation
import ManagerFakes
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

    @Test(arguments: [true, false])
    func `what is open is finished when an authority goes, and is not when a certificate is revoked`(isRevoked: Bool)
        throws
    {
        let fake = try FakeServer(.vault)
        try fake.command("put", ["path": "main/company/team/KEY", "data": ["value": "made up"]])
        let agent = try Program { configuration, domain in
            configuration.secret = fake.secret("cache: {enabled: false}")
            configuration.revocationList = try domain.revoke([])
        }
        try fake.fault("drip", times: 0, path: "KEY", ["seconds": 0.01])
        let files = try agent.domain.client(Domain.worker, as: "leaving")
        var caller = try Caller(agent.unix, ClientContext(files: files))
        let id = try caller.ask("KEY")
        try waitUntil("the manager is asked") { try fake.requests().contains { $0.path.contains("KEY") } }
        if isRevoked {
            try agent.domain.revoke([files])
        } else {
            let other = try Domain("another authority", in: agent.workspace)
            try agent.workspace.write(agent.workspace.text("another authority.crt"), to: "authority of tests.crt")
            // A list of the authority that is trusted.
            try other.revoke([])
        }
        try agent.reload()
        var frames: [Received] = []
        while let frame = try caller.next() { frames.append(frame) }
        #expect(frames.first { $0.header.kind == .goAway }?.reason == Reason(rawValue: "UNAUTHENTICATED"))
        let answer = try #require(frames.first { $0.header.kind == .response })
        #expect(answer.header.id == id)
        #expect(answer.header.status == (isRevoked ? .unauthenticated : .ok))
        if !isRevoked { #expect(try answer.value() == "made up") }
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
