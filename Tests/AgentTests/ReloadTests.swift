import Foundation
import Testing
import Wire

@testable import TLS

@Suite("An agent that is told to load its configuration anew", .onItsOwnThread)
struct ReloadTests {
    @Test func `a rule that is gone is gone for a connection that is open, and back when it is back`() throws {
        let agent = try Program()
        var caller = try agent.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        let grants = agent.configuration.grants
        agent.configuration.grants = []
        try agent.reload()
        try waitUntil("it is denied") { try caller.get(Program.key).header.status == .permissionDenied }
        agent.configuration.grants = grants
        try agent.reload()
        try waitUntil("it is allowed") { try caller.get(Program.key).header.status == .ok }
        agent.configuration.denials = ["{identity: '\(Domain.worker)'}"]
        try agent.reload()
        try waitUntil("it is denied") { try caller.get(Program.key).header.status == .permissionDenied }
        #expect(try agent.end() == 0)
        #expect(try agent.trail.fault() == nil)
    }

    @Test func `a new certificate is shown to those who come, and those who are there stay`() throws {
        let agent = try Program()
        var there = try agent.caller()
        #expect(try there.get(Program.key).value() == Program.value)
        let other = try Domain("another authority", in: agent.workspace)
        try other.issueAgent()
        try agent.reload()
        #expect(try there.get(Program.key).value() == Program.value)
        // The new certificate is another authority's, which this client does not trust.
        #expect(throws: (any Error).self) { _ = try agent.caller().wasResumed }
        try agent.domain.issueAgent()
        try agent.reload()
        #expect(try there.get(Program.key).value() == Program.value)
        var next = try agent.caller()
        #expect(try next.get(Program.key).value() == Program.value)
        #expect(try agent.end() == 0)
    }

    @Test func `a revoked certificate ends its connection and lets nobody in, and its neighbour stays`() throws {
        let agent = try Program { configuration, domain in configuration.revocationList = try domain.revoke([]) }
        let revoked = try agent.domain.client(Domain.worker, as: "revoked")
        let context = try ClientContext(files: revoked)
        var neighbour = try agent.caller()
        var caller = try Caller(agent.unix, context)
        #expect(try caller.get(Program.key).value() == Program.value)
        #expect(try neighbour.get(Program.key).value() == Program.value)
        try agent.domain.revoke([revoked])
        try agent.reload()
        #expect(try caller.farewell() == Reason(rawValue: "UNAUTHENTICATED"))
        #expect(try neighbour.get(Program.key).value() == Program.value)
        // A session of before is no way round it.
        for _ in 0..<2 {
            #expect(try RawHandshake(certificate: revoked).attempt(at: agent.unix).alert == .certificateRevoked)
        }
        #expect(throws: (any Error).self) {
            var again = try Caller(agent.unix, context)
            _ = try again.get(Program.key)
        }
        // The record of a refused handshake follows the alert that the peer sees.
        try waitUntil("four refusals are recorded") {
            agent.trail.records(["operation": "connect", "reason": "REVOKED"]).count == 4
        }
        #expect(try agent.end() == 0)
    }

    @Test func `clients of an authority that is no longer trusted are sent away, those of the new one come in`() throws
    {
        let agent = try Program()
        var caller = try agent.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        let other = try Domain("another authority", in: agent.workspace)
        let text = agent.workspace.text("another authority.crt")
        let own = agent.workspace.text("authority of tests.crt")
        // Both for a while, as an authority is exchanged.
        try agent.workspace.write(own + text, to: "authority of tests.crt")
        try agent.reload()
        let files = try other.issue(Domain.client(Domain.worker), as: "newcomer", trusting: agent.domain)
        var newcomer = try Caller(agent.unix, ClientContext(files: files))
        #expect(try newcomer.get(Program.key).value() == Program.value)
        #expect(try caller.get(Program.key).value() == Program.value)
        try agent.workspace.write(text, to: "authority of tests.crt")
        try agent.reload()
        #expect(try caller.farewell() == Reason(rawValue: "UNAUTHENTICATED"))
        #expect(try newcomer.get(Program.key).value() == Program.value)
        #expect(try agent.end() == 0)
    }

    @Test func `certificates that are exchanged in their place are noticed without a signal`() throws {
        let agent = try Program { configuration, domain in configuration.revocationList = try domain.revoke([]) }
        let revoked = try agent.domain.client(Domain.worker, as: "revoked")
        var caller = try Caller(agent.unix, ClientContext(files: revoked))
        #expect(try caller.get(Program.key).value() == Program.value)
        try agent.domain.revoke([revoked])
        #expect(try caller.farewell() == Reason(rawValue: "UNAUTHENTICATED"))
        try waitUntil("it is said") { agent.log.contains("certificates were loaded anew") }
    }

    @Test(arguments: ["nonsense: true", "policy: {grants: 7}", "node: [", "limits: {connections: none}"])
    func `a configuration with a fault is refused whole, and the old one stays in force`(_ fault: String) throws {
        let agent = try Program()
        var caller = try agent.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        // What is good in it must not come into force either.
        let grants = agent.configuration.grants
        agent.configuration.grants = []
        agent.configuration.more = fault
        try agent.reload(until: "the new configuration was refused, the old one stays")
        #expect(try caller.get(Program.key).value() == Program.value)
        var next = try agent.caller()
        #expect(try next.get(Program.key).value() == Program.value)
        #expect(agent.log.contains("agent.yaml"))
        agent.configuration.grants = grants
        agent.configuration.more = ""
        try agent.reload()
        #expect(try caller.get(Program.key).value() == Program.value)
        #expect(try agent.end() == 0)
    }

    @Test func `a certificate that cannot be used is refused, and the old one stays in force`() throws {
        let agent = try Program()
        var caller = try agent.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        try agent.workspace.write("no certificate", to: "agent.crt")
        try agent.reload(until: "the new configuration was refused, the old one stays")
        #expect(try caller.get(Program.key).value() == Program.value)
        var next = try agent.caller()
        #expect(try next.get(Program.key).value() == Program.value)
    }

    @Test func `what holds only from the next start on is named`() throws {
        let agent = try Program()
        try agent.reload()
        #expect(!agent.log.contains("holds from the next start on"))
        agent.configuration.limits = "{connections: 7}"
        agent.configuration.audit = agent.workspace.path("elsewhere.jsonl")
        try agent.reload(until: "holds from the next start on")
        #expect(agent.log.contains("keys=\"tacit.audit tacit.limits\""))
        // Once more, because it is still so.
        try agent.reload(until: "holds from the next start on")
        agent.configuration.more = "log: {format: json}"
        try agent.reload(until: "{\"time\":")
    }

    @Test func `many reloads under load lose no request and no connection`() throws {
        let agent = try Program()
        let context = try ClientContext(files: agent.domain.client(Domain.worker))
        let unix = agent.unix
        let isOver = Recorded<Bool>()
        let answered = Recorded<Int>()
        let threads = Threads()
        for _ in 0..<4 {
            threads.start {
                var caller = try Caller(unix, context)
                var count = 0
                while isOver.all.isEmpty {
                    guard try caller.get(Program.key).value() == Program.value else { throw Overdue("another value") }
                    count += 1
                }
                answered.append(count)
            }
        }
        for _ in 0..<10 { try agent.reload() }
        isOver.append(true)
        try threads.join()
        #expect(answered.all.count == 4)
        #expect(try agent.end() == 0)
        #expect(agent.trail.records(["operation": "get", "decision": "allow"]).count == answered.all.reduce(0, +))
        #expect(try agent.trail.fault() == nil)
    }

    @Test func `a signal opens the audit anew after it was moved away, and the chain goes on`() throws {
        let agent = try Program()
        var caller = try agent.caller()
        _ = try caller.get(Program.key)
        try FileManager.default.moveItem(
            atPath: agent.workspace.path("audit.jsonl"),
            toPath: agent.workspace.path("audit.1")
        )
        _ = try caller.get(Program.key)
        try agent.reload()
        _ = try caller.get(Program.key)
        let old = Trail(agent.workspace.text("audit.1"))
        #expect(old.records.count == 2)
        #expect(agent.trail.records.count == 1)
        #expect(try old.fault() == nil)
        #expect(try agent.trail.fault(after: old.lastHash(), sequence: 2) == nil)
        #expect(try agent.end() == 0)
    }

    @Test func `an agent that is started again takes up the chain`() throws {
        let workspace = try Workspace()
        let path = workspace.path("audit.jsonl")
        for _ in 0..<2 {
            let agent = try Program { configuration, _ in configuration.audit = path }
            var caller = try agent.caller()
            _ = try caller.get(Program.key)
            #expect(try agent.end() == 0)
        }
        let trail = Trail(workspace.text("audit.jsonl"))
        #expect(trail.records.count == 2)
        #expect(try trail.fault() == nil)
    }
}
