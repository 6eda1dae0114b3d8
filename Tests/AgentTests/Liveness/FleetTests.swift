import DatabaseServers
import Glibc
import Liveness
import PostgreSQL
import Registry
import SecretMemory
import Synchronization
import Testing
import Wire

@testable import Agent

/// Whole agents on a real PostgreSQL: what the simulated fleet goes through, with real signals.
@Suite("A fleet of agents on PostgreSQL", .onItsOwnThread)
struct FleetTests {
    private static let timeout = Duration.seconds(2)
    private static let interval = Duration.milliseconds(200)

    private func agent(_ server: PostgreSQLServer, timeout: String = "2s") throws -> Program {
        try Program { configuration, _ in
            configuration.more = """
                registry: {type: postgresql, url: '\(server.url())', username: \(PostgreSQLServer.user), \
                password: '\(PostgreSQLServer.password)'}
                """
            configuration.kestra = """
                server:
                    liveness: {interval: 200ms, timeout: \(timeout), initial-delay: 0s, heartbeat-interval: 200ms}
                    termination-grace-period: 1s
                """
        }
    }

    private func registry(_ server: PostgreSQLServer) throws -> PostgreSQLRegistry {
        let password = SharedSecret(try SecretBytes(copying: Array(PostgreSQLServer.password.utf8).span))
        return PostgreSQLRegistry(
            try PostgreSQLSettings(url: server.url(), user: PostgreSQLServer.user, password: password)
        )
    }

    /// How many are in each state; none where a database that is busy, or starts, does not say it in time.
    private func states(_ registry: PostgreSQLRegistry) -> [ServiceState: Int] {
        let rows = (try? registry.list())?.rows ?? []
        return rows.reduce(into: [:]) { $0[$1.instance.state, default: 0] += 1 }
    }

    private func isConsistent(_ registry: PostgreSQLRegistry) throws -> Bool {
        let listing = try registry.list()
        return listing.damaged == 0
            && listing.rows.allSatisfy { row in
                let states = row.instance.events.map(\.state)
                return zip(states, states.dropFirst()).allSatisfy { $0.mayBecome($1) }
            }
    }

    @Test func `killed and stopped agents are found in time and not before; those that come back are new`() throws {
        let server = try PostgreSQLServer()
        let fleet = try (0..<5).map { _ in try agent(server) }
        let registry = try registry(server)
        try waitUntil("all run") { states(registry) == [.running: 5] }
        kill(fleet[0].pid, SIGKILL)
        kill(fleet[1].pid, SIGSTOP)
        // Stopped for less than the time-out: nobody notices.
        kill(fleet[2].pid, SIGSTOP)
        usleep(800_000)
        kill(fleet[2].pid, SIGCONT)
        let start = ContinuousClock.now
        try waitUntil("two are found") { states(registry)[.disconnected] ?? 0 >= 2 }
        let took = ContinuousClock.now - start + .milliseconds(800)
        #expect(took > Self.timeout - Self.interval)
        // Far more than the interval: other tests may have the machine.
        #expect(took < Self.timeout + .seconds(5))
        try waitUntil("they are cleared away") { states(registry) == [.running: 3, .inactive: 2] }
        kill(fleet[1].pid, SIGCONT)
        try waitUntil("one is back") { states(registry) == [.running: 4, .inactive: 2] }
        var caller = try fleet[1].caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        #expect(try isConsistent(registry))
        for program in fleet.dropFirst() { #expect(try program.end() == 0) }
        try waitUntil("those that ended are cleared away, or end as they should") {
            let left = states(registry)
            return !left.isEmpty && left.keys.allSatisfy { $0.hasEnded }
        }
    }

    @Test func `a database that is restarted or killed under load for less than the time-out costs nobody anything`()
        throws
    {
        let server = try PostgreSQLServer()
        // A database that was killed may take long to start on a busy machine.
        let fleet = try (0..<3).map { _ in try agent(server, timeout: "30s") }
        let registry = try registry(server)
        try waitUntil("all run") { states(registry) == [.running: 3] }
        let threads = Threads()
        let isOver = Atomic(false)
        let served = Atomic(0)
        for program in fleet {
            let context = try program.callerContext()
            let endpoint = program.unix
            threads.start {
                var caller = try Caller(endpoint, context)
                while !isOver.load(ordering: .relaxed) {
                    guard try caller.get(Program.key).value() == Program.value else { throw Overdue("no value") }
                    served.add(1, ordering: .relaxed)
                    // The database needs a processor, too.
                    usleep(1000)
                }
            }
        }
        try server.restart()
        usleep(500_000)
        try server.kill()
        try server.start()
        try waitUntil("they beat again") {
            let rows = (try? registry.list())?.rows ?? []
            return rows.count == 3 && rows.allSatisfy { $0.age < .seconds(1) }
        }
        isOver.store(true, ordering: .relaxed)
        try threads.join()
        #expect(served.load(ordering: .relaxed) > 100)
        #expect(states(registry) == [.running: 3])
        #expect(try isConsistent(registry))
    }

    @Test
    func `a database that is away for longer fences all, and none of them ends; back again, all serve as new ones`()
        throws
    {
        let server = try PostgreSQLServer()
        let fleet = try (0..<3).map { _ in try agent(server) }
        let registry = try registry(server)
        try waitUntil("all run") { states(registry) == [.running: 3] }
        try server.kill()
        for program in fleet {
            var caller = try program.caller()
            try waitUntil("it is fenced") { try caller.get(Program.key).reason?.rawValue == "AGENT_FENCED" }
        }
        try server.start()
        for program in fleet {
            var caller = try program.caller()
            try waitUntil("it serves again") { try caller.get(Program.key).header.status == .ok }
        }
        try waitUntil("the old ones are cleared away") { states(registry) == [.running: 3, .inactive: 3] }
        #expect(try isConsistent(registry))
    }
}
