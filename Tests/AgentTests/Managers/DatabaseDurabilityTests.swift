import DatabaseServers
import Foundation
import Synchronization
import TacitClient
import Testing

/// What workers have been told, whatever happened to the agents and to the database behind them.
@Suite("A database, and agents that are killed", .onItsOwnThread)
struct DatabaseDurabilityTests {
    /// Writes that are acknowledged before the test ends.
    private static let wanted = 10_000
    private static let agents = 2
    private static let writersPerAgent = 2
    private static let namespace = "company.team"
    /// What every value consists of, and what may stand nowhere.
    private static let needle = "plaintext-for-nobody"

    /// Somebody who writes to an agent, and what was acknowledged to him. Half of his writes make a row, the others change
    /// one; none is repeated.
    private final class Writer: Sendable {
        struct Acknowledged {
            /// The numbers of rows that were made.
            var rows: [Int] = []
            /// The numbers that the changed row was given, and the versions that they became, in their order.
            var changes: [(number: Int, version: Int)] = []
        }

        let name: String
        private let acknowledged = Mutex(Acknowledged())

        init(_ name: String) { self.name = name }

        var all: Acknowledged { acknowledged.withLock { $0 } }
        var count: Int { acknowledged.withLock { $0.rows.count + $0.changes.count } }
        var changedKey: String { "\(name)-CHANGED" }
        func key(_ number: Int) -> String { "\(name)-\(number)" }

        /// Writes one value after the other until it is told to stop.
        func run(_ options: ClientOptions, until isOver: borrowing Atomic<Bool>) throws {
            var client = try TacitClient(options)
            var number = 0
            while !isOver.load(ordering: .relaxed) {
                number += 1
                let isChange = number % 2 == 1
                do throws(ClientError) {
                    let version = try client.put(
                        isChange ? changedKey : key(number),
                        in: namespace,
                        value: DatabaseDurabilityTests.value(number).utf8Span.span
                    )
                    guard let version = Int(version), isChange || version == 1 else {
                        throw ClientError.protocolViolation("\(key(number)) became version \(version)")
                    }
                    acknowledged.withLock { all in
                        if isChange { all.changes.append((number, version)) } else { all.rows.append(number) }
                    }
                } catch {
                    if case .protocolViolation = error { throw error }
                    // The agent or its database is away. What has become of the write is not known.
                    usleep(10_000)
                }
            }
        }
    }

    /// When to stop, for threads.
    private final class End: Sendable {
        let isReached = Atomic(false)
    }

    @Test(
        "kill -9 of agents and of the database loses no acknowledged write, halves none, and shows no value to anybody",
        .timeLimit(.minutes(8)),
        arguments: ManagerDatabase.Kind.allCases
    )
    func kills(kind: ManagerDatabase.Kind) throws {
        let database = try ManagerDatabase(kind, logsAll: true)
        let agents = try (0..<Self.agents).map { _ in
            try ServedProgram(secret: database.secret("cache: {enabled: false}"))
        }
        let writers = agents.indices.map { agent in
            (0..<Self.writersPerAgent).map { Writer("W\(agent)-\($0)") }
        }
        let (threads, end) = (Threads(), End())
        for (agent, writers) in zip(agents, writers) {
            for writer in writers {
                let options = try agent.options(timeout: .seconds(5))
                threads.start { try writer.run(options, until: end.isReached) }
            }
        }
        var kills = 0
        do {
            defer { end.isReached.store(true, ordering: .relaxed) }
            while writers.joined().reduce(0, { $0 + $1.count }) < Self.wanted {
                usleep(.random(in: 100_000...900_000))
                try Self.kill(agents[kills % agents.count])
                kills += 1
                guard let server = database.server, kills % 3 == 0 else { continue }
                usleep(.random(in: 50_000...300_000))
                try server.kill()
                try server.start()
            }
        }
        try threads.join()
        #expect(kills > 3)
        try Self.check(Array(writers.joined()), at: agents[0])
        #expect(try !database.places(of: "W0-0-CHANGED").isEmpty)
        #expect(try database.places(of: Self.needle) == [])
        for agent in agents {
            #expect(try agent.program.workspace.files(holding: Self.needle) == [])
            #expect(try agent.program.end() == 0)
        }
    }

    private static func kill(_ agent: ServedProgram) throws {
        Glibc.kill(agent.program.pid, SIGKILL)
        try agent.program.restart()
    }

    private static func value(_ number: Int) -> String { String(repeating: "\(needle) \(number);", count: 30) }

    /// Each row that was acknowledged is there, whole, and was written once; the changed rows went on from version to version.
    private static func check(_ writers: [Writer], at agent: ServedProgram) throws {
        var client = try TacitClient(agent.options())
        for writer in writers {
            let acknowledged = writer.all
            #expect(!acknowledged.rows.isEmpty && !acknowledged.changes.isEmpty)
            for number in acknowledged.rows {
                let found = try read(writer.key(number), &client)
                #expect(found == (number, 1), "\(writer.key(number)): \(found)")
            }
            let versions = acknowledged.changes.map(\.version)
            #expect(zip(versions, versions.dropFirst()).allSatisfy { $0 < $1 })
            guard let last = acknowledged.changes.last else { continue }
            // Later changes may have been made, too, and were not acknowledged any more.
            let found = try read(writer.changedKey, &client)
            #expect(found.number >= last.number && found.version >= last.version, "\(found) after \(last)")
            #expect((found.number == last.number) == (found.version == last.version), "\(found) after \(last)")
        }
    }

    private static func read(_ key: String, _ client: inout TacitClient) throws -> (number: Int, version: Int) {
        let secret = try client.get(Reference(key, in: namespace))
        let parts = Answer.text(secret.value).split(separator: ";")
        #expect(parts.count == 30 && Set(parts).count == 1, "the value of \(key) is not whole")
        let number = try #require(parts.first?.split(separator: " ").last.flatMap { Int($0) })
        return (number, try #require(Int(secret.version)))
    }
}
