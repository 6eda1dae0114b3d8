import Glibc
import Liveness
import Registry
import SQLite
import Testing
import Wire

@testable import Agent

/// Whole agents with a registry file between them.
@Suite("Agents and the registry of their node", .onItsOwnThread)
struct NodeRegistryTests {
    private static let quick = """
        server:
            liveness: {interval: 100ms, timeout: 1s, initial-delay: 0s, heartbeat-interval: 100ms}
            termination-grace-period: 300ms
        """

    private static let operators = """
        {identity: '\(Domain.operatorIdentity)', service: '*', tenant: main, namespaces: ['**'], keys: ['*'], \
        operations: [health]}
        """

    private func program(_ registry: String, kestra: String = Self.quick) throws -> Program {
        try Program { configuration, domain in
            configuration.grants.append(Self.operators)
            configuration.more = "registry: {type: sqlite, path: '\(registry)'}"
            configuration.kestra = kestra
        }
    }

    private func states(_ registry: any InstanceRegistry) throws -> [ServiceState] {
        try registry.list().rows.map(\.instance.state)
    }

    private func nodes(_ program: Program) throws -> [ListNodesAnswer.Node] {
        var caller = try program.caller(Domain.operatorIdentity)
        let answer = try caller.call(.listNodes, ListNodesView(ended: true))
        guard answer.header.status == .ok else { throw Overdue("refused: \(answer.reason?.rawValue ?? "")") }
        return try ListNodesAnswer(decoding: answer.payload.span).nodes
    }

    @Test func `an agent registers, beats, and ends in a terminal state that no beat follows`() throws {
        let workspace = try Workspace()
        let registry = SQLiteRegistry(path: workspace.path("nodes.db"))
        let agent = try program(workspace.path("nodes.db"))
        try waitUntil("it runs") { try states(registry) == [.running] }
        let first = try #require(try registry.list().rows.first?.instance)
        #expect(first.type == "AGENT")
        #expect(first.server.node == "tests")
        #expect(first.listeners == ["\(agent.unix)"] || first.listeners.count == 1)
        try waitUntil("it beats") { try registry.list().rows.first?.instance.sequence ?? 0 > first.sequence + 2 }
        #expect(try agent.end() == 0)
        let last = try #require(try registry.list().rows.first?.instance)
        #expect(last.state == .terminatedGracefully)
        #expect(last.events.map(\.state) == [.created, .running, .terminating, .terminatedGracefully])
        usleep(400_000)
        #expect(try registry.list().rows.first?.instance.sequence == last.sequence)
    }

    @Test func `an agent that is killed is found by another, and cleared away`() throws {
        let workspace = try Workspace()
        let path = workspace.path("nodes.db")
        let lost = try program(path)
        let other = try program(path)
        try waitUntil("both run") { try nodes(other).map(\.state) == ["RUNNING", "RUNNING"] }
        kill(lost.pid, SIGKILL)
        let start = ContinuousClock.now
        try waitUntil("it is found") { try nodes(other).contains { $0.state == "DISCONNECTED" } }
        // The machine may be slow; what matters is that it is not found before its time.
        #expect(ContinuousClock.now - start > .milliseconds(800))
        try waitUntil("it is cleared away") { try nodes(other).contains { $0.state == "INACTIVE" } }
        #expect(try nodes(other).count { $0.state == "RUNNING" } == 1)
    }

    @Test func `an agent that was stopped for too long comes back as another, and serves`() throws {
        let workspace = try Workspace()
        let path = workspace.path("nodes.db")
        let sleeper = try program(path)
        let other = try program(path)
        try waitUntil("both run") { try nodes(other).map(\.state) == ["RUNNING", "RUNNING"] }
        kill(sleeper.pid, SIGSTOP)
        defer { kill(sleeper.pid, SIGCONT) }
        try waitUntil("it is found") { try nodes(other).contains { $0.state == "DISCONNECTED" } }
        kill(sleeper.pid, SIGCONT)
        try waitUntil("it is back") { try nodes(other).count { $0.state == "RUNNING" } == 2 }
        #expect(try nodes(other).count == 3)
        #expect(sleeper.log.contains("registered anew"))
        var caller = try sleeper.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
    }

    @Test func `an agent that loses its registry is fenced, and serves again when it is back`() throws {
        let workspace = try Workspace()
        let path = workspace.path("nodes.db")
        let agent = try program(path)
        var caller = try agent.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        let lock = try SQLiteConnection<SQLiteError>(path: path, busyTimeout: 5000)
        try lock.execute("BEGIN EXCLUSIVE")
        try waitUntil("it is fenced") { try caller.get(Program.key).reason?.rawValue == "AGENT_FENCED" }
        try lock.execute("ROLLBACK")
        try waitUntil("it serves again") { try caller.get(Program.key).header.status == .ok }
        try waitUntil("the old one is cleared away") {
            try nodes(agent).map(\.state).sorted() == ["INACTIVE", "RUNNING"]
        }
    }

    @Test func `without a registry the question is answered with what to set`() throws {
        let agent = try Program { configuration, _ in
            configuration.grants.append(Self.operators)
        }
        var caller = try agent.caller(Domain.operatorIdentity)
        let answer = try caller.call(.listNodes, ListNodesView())
        #expect(answer.header.status == .failedPrecondition)
        #expect(answer.reason?.rawValue == "NO_REGISTRY")
    }
}
