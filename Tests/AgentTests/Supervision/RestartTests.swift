import Foundation
import SecretMemory
import Testing
import Wire

@testable import TLS
@testable import TacitClient

@Suite("An agent that is restarted under load", .onItsOwnThread)
struct RestartTests {
    /// Workers that start tasks all the time: each a new client, a handshake, and one secret.
    private static let workers = 200

    private static func options(_ agent: Program, _ files: TLSFiles) -> ClientOptions {
        ClientOptions(
            address: .unix(path: agent.workspace.path("agent.sock")),
            certificate: files.certificate,
            privateKey: files.privateKey,
            authority: files.authority,
            // Two processors and two hundred handshakes at once take their time in a debug build.
            timeout: .seconds(60)
        )
    }

    private static func hasValue(_ client: inout TacitClient) throws -> Bool {
        let secret = try client.get(Reference(Program.key, in: "company.team"))
        return copied(secret.value.bytes) == Array(Program.value.utf8)
    }

    @Test func `no task start fails while it is restarted again and again behind sockets that stay`() throws {
        let agent = try Program(managed: { workspace in
            try ServiceManager(workspace, sockets: [ServiceManager.listen(at: workspace.path("agent.sock"))])
        })
        let options = Self.options(agent, try agent.domain.client(Domain.worker))
        let isOver = Recorded<Bool>()
        let started = Recorded<Int>()
        let threads = Threads()
        for _ in 0..<Self.workers {
            threads.start {
                var count = 0
                while isOver.all.isEmpty {
                    var client = try TacitClient(options)
                    guard try Self.hasValue(&client) else { throw Overdue("another value") }
                    count += 1
                    started.append(1)
                }
                guard count > 0 else { throw Overdue("a worker had no turn") }
            }
        }
        for _ in 0..<4 {
            let before = started.all.count
            try waitUntil("tasks start", seconds: 60) { started.all.count >= before + Self.workers }
            #expect(try agent.end() == 0)
            try agent.restart()
        }
        let before = started.all.count
        try waitUntil("tasks start", seconds: 60) { started.all.count >= before + Self.workers }
        isOver.append(true)
        try threads.join()
        #expect(try agent.end() == 0)
        #expect(try agent.trail.fault() == nil)
        // Each start was answered once, or was asked for again because nobody could know whether it had been.
        let answered = agent.trail.records(["operation": "get", "decision": "allow"]).count
        #expect(answered >= started.all.count)
    }

    @Test func `kept connections, too, take up their work with the next one`() throws {
        let agent = try Program(managed: { workspace in
            try ServiceManager(workspace, sockets: [ServiceManager.listen(at: workspace.path("agent.sock"))])
        })
        let options = Self.options(agent, try agent.domain.client(Domain.worker))
        let isOver = Recorded<Bool>()
        let answered = Recorded<Int>()
        let connections = Recorded<Int>()
        let threads = Threads()
        for _ in 0..<20 {
            threads.start {
                var client = try TacitClient(options)
                while isOver.all.isEmpty {
                    guard try Self.hasValue(&client) else { throw Overdue("another value") }
                    answered.append(1)
                }
                connections.append(client.connectionCount)
            }
        }
        for _ in 0..<3 {
            let before = answered.all.count
            try waitUntil("they are answered") { answered.all.count >= before + 200 }
            #expect(try agent.end() == 0)
            try agent.restart()
        }
        isOver.append(true)
        try threads.join()
        #expect(connections.all.count == 20)
        #expect(connections.all.allSatisfy { $0 >= 4 })
        #expect(try agent.end() == 0)
    }

    @Test func `a client that had a connection waits for an agent without a service manager, too`() throws {
        let agent = try Program()
        let options = Self.options(agent, try agent.domain.client(Domain.worker))
        let steps = Recorded<String>()
        let threads = Threads()
        threads.start {
            var client = try TacitClient(options)
            guard try Self.hasValue(&client) else { throw Overdue("another value") }
            steps.append("answered")
            try waitUntil("the agent has ended") { steps.all.contains("ended") }
            guard try Self.hasValue(&client) else { throw Overdue("another value") }
        }
        try waitUntil("it is answered") { steps.all == ["answered"] }
        #expect(try agent.end() == 0)
        steps.append("ended")
        try agent.restart()
        try threads.join()
        #expect(try agent.end() == 0)
    }
}
