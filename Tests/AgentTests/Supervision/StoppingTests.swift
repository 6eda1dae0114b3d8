import Foundation
import ManagerFakes
import Testing
import Wire

@testable import TLS
@testable import TacitClient

@Suite("An agent that is told to end while something is under way", .onItsOwnThread)
struct StoppingTests {
    /// An agent with a request under way that its manager has yet to answer.
    private static func withOpenRequest(
        _ fault: String,
        _ more: [String: Any] = [:],
        grace: String,
        _ body: (ManagedProgram, Recorded<Answer>) throws -> Void
    ) throws {
        let fake = try FakeServer(.vault)
        try fake.command("put", ["path": "main/company/team/KEY", "data": ["value": "made up"]])
        let scene = try ManagedProgram(fake, "cache: {enabled: false}", more: "shutdown: {grace: \(grace)}")
        let options = try scene.options()
        let answers = Recorded<Answer>()
        try fake.fault(fault, times: 0, path: "KEY", more)
        let threads = Threads()
        threads.start {
            var client = try TacitClient(options)
            answers.append(Answer(&client, "KEY", "company.team"))
        }
        try waitUntil("the manager is asked") { try fake.requests().contains { $0.path.contains("KEY") } }
        try body(scene, answers)
        try threads.join()
    }

    @Test func `an open request is finished within the grace, and nobody new comes in`() throws {
        try Self.withOpenRequest("drip", ["seconds": 0.01], grace: "30s") { scene, answers in
            #expect(answers.all.isEmpty)
            let begun = ContinuousClock.now
            #expect(try scene.program.end() == 0)
            #expect(ContinuousClock.now - begun < .seconds(20))
            try waitUntil("it is answered") { answers.all == [.value("made up", .fresh, ageSeconds: 0)] }
            #expect(unsafe access(scene.program.workspace.path("agent.sock"), F_OK) != 0)
        }
    }

    @Test func `a request that its manager never answers is given up after the grace`() throws {
        try Self.withOpenRequest("hang", grace: "1s") { scene, _ in
            let begun = ContinuousClock.now
            let status = try scene.program.end()
            #expect(status == 0)
            #expect(ContinuousClock.now - begun > .milliseconds(900))
            #expect(ContinuousClock.now - begun < .seconds(15))
            #expect(scene.program.trail.records(["key": "KEY", "reason": "CANCELLED"]).count == 1)
        }
    }

    @Test func `told twice it ends at once, whatever its manager does`() throws {
        try Self.withOpenRequest("hang", grace: "1h") { scene, _ in
            kill(scene.program.pid, SIGTERM)
            try waitUntil("it has heard") { scene.program.log.contains("told to end") }
            let begun = ContinuousClock.now
            #expect(try scene.program.end() == 0)
            #expect(ContinuousClock.now - begun < .seconds(5))
            #expect(scene.program.log.contains("told to end once more"))
            #expect(scene.program.log.contains("ended"))
            #expect(scene.program.trail.records(["key": "KEY", "reason": "CANCELLED"]).count == 1)
            #expect(try scene.program.trail.fault() == nil)
        }
    }

    @Test func `a start and a reload that wait for a manager hear that they are to end`() throws {
        let fake = try FakeServer(.vault)
        try fake.fault("hang", times: 0)
        let start = try Program(managed: { try ServiceManager($0) }, waits: false) { configuration, _ in
            configuration.secret = fake.secret("cache: {enabled: false}")
        }
        try start.manager?.await("STATUS=connecting")
        try waitUntil("the manager is asked") { try !fake.requests().isEmpty }
        var begun = ContinuousClock.now
        #expect(try start.end() == 0)
        #expect(ContinuousClock.now - begun < .seconds(5))
        #expect(start.manager?.count("READY=1") == 0)

        try fake.clearFaults()
        let reload = try ManagedProgram(fake, "cache: {enabled: false}")
        try fake.clearRequests()
        try fake.fault("hang", times: 0)
        kill(reload.program.pid, SIGHUP)
        try waitUntil("the manager is asked") { try !fake.requests().isEmpty }
        begun = ContinuousClock.now
        #expect(try reload.program.end() == 0)
        #expect(ContinuousClock.now - begun < .seconds(5))
    }

    @Test func `a thousand wishes for a reload in a second are a few reloads, and the last state holds`() throws {
        let agent = try Program()
        var caller = try agent.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        let grants = agent.configuration.grants
        let begun = ContinuousClock.now
        for number in 1...1000 {
            // The last one takes the grant away.
            if number % 100 == 0 {
                agent.configuration.grants = number % 200 == 0 ? [] : grants
                try agent.write()
            }
            kill(agent.pid, SIGHUP)
            usleep(500)
        }
        #expect(ContinuousClock.now - begun < .seconds(10))
        try waitUntil("it is denied") { try caller.get(Program.key).header.status == .permissionDenied }
        let reloads = agent.log.split(separator: "\n").count { $0.contains("the configuration was loaded anew") }
        #expect(reloads >= 2 && reloads < 500, "\(reloads) reloads")
        #expect(!agent.log.contains("refused"))
        agent.configuration.grants = grants
        try agent.reload()
        try waitUntil("it is allowed") { try caller.get(Program.key).header.status == .ok }
        #expect(try agent.end() == 0)
    }
}
