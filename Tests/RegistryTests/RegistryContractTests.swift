import DatabaseServers
import Foundation
import Liveness
import PostgreSQL
import Registry
import SecretMemory
import Testing

/// What every registry does, whatever it is kept in.
@Suite("Registries", .serialized)
struct RegistryContractTests {
    enum Kind: CaseIterable { case sqlite, postgresql }

    private static func make(_ kind: Kind) throws -> Place { try Place(kind) }

    private static func instance(_ id: String = "one", server: String = "s1", time: Int64 = 1000) -> ServiceInstance {
        var rules = LivenessRules()
        rules.timeout = .milliseconds(1500)
        rules.restartStrategy = .immediately
        rules.isEnabled = false
        var instance = ServiceInstance(
            id: id,
            type: "AGENT",
            server: ServiceInstance.Server(id: server, version: "1.2.3", node: "node \"ä\" \\ 1"),
            rules: rules,
            at: time
        )
        instance.listeners = ["unix:///run/a.sock", "tcp://[::1]:7443"]
        instance.problems = ["audit"]
        return instance
    }

    @Test("what is written is read back whole", arguments: Kind.allCases)
    func roundTrip(kind: Kind) throws {
        let place = try Self.make(kind)
        var one = Self.instance()
        one.move(to: .running, at: 2000, reason: "a reason; 'quoted' \"twice\"")
        try place.registry.register(one)
        let listing = try place.registry.list()
        #expect(listing.rows.map(\.instance) == [one])
        #expect(listing.damaged == 0)
        let age = try #require(listing.rows.first?.age)
        #expect(age >= .zero && age < .seconds(30))
    }

    @Test(
        "a beat is taken, an illegal move is refused with the state that is there, a stranger is missing",
        arguments: Kind.allCases
    )
    func updates(kind: Kind) throws {
        let place = try Self.make(kind)
        var one = Self.instance()
        #expect(try place.registry.update(one) == .missing)
        try place.registry.register(one)
        one.move(to: .running, at: 2000)
        #expect(try place.registry.update(one) == .written)
        one.move(to: .running, at: 3000)
        #expect(try place.registry.update(one) == .written)
        #expect(try place.registry.list().rows.first?.instance == one)
        let dead = Verdict(id: "one", sequence: one.sequence, state: .disconnected, reason: "silent")
        #expect(try place.registry.carryOut(dead, at: 4000))
        one.move(to: .running, at: 5000)
        #expect(try place.registry.update(one) == .refused(.disconnected))
        #expect(try place.registry.list().rows.first?.instance.state == .disconnected)
        let row = try #require(try place.registry.list().rows.first)
        #expect(row.instance.events.last?.reason == "silent")
        // It last spoke a second before the verdict.
        #expect(row.instance.beatAt == 3000)
        #expect(row.silence >= .seconds(1))
    }

    @Test(
        "a verdict is void where the instance has written since, and where the table of states forbids it",
        arguments: Kind.allCases
    )
    func verdicts(kind: Kind) throws {
        let place = try Self.make(kind)
        var one = Self.instance()
        try place.registry.register(one)
        let judged = Verdict(id: "one", sequence: one.sequence, state: .disconnected, reason: "")
        one.move(to: .running, at: 2000)
        #expect(try place.registry.update(one) == .written)
        #expect(try !place.registry.carryOut(judged, at: 3000))
        #expect(try !place.registry.carryOut(Verdict(id: "two", sequence: 0, state: .disconnected, reason: ""), at: 1))
        let illegal = Verdict(id: "one", sequence: one.sequence, state: .inactive, reason: "")
        #expect(try !place.registry.carryOut(illegal, at: 3000))
        #expect(try place.registry.list().rows.map(\.instance) == [one])
    }

    @Test("rows that nobody can read are counted, left alone, and stop nobody", arguments: Kind.allCases)
    func damage(kind: Kind) throws {
        let place = try Self.make(kind)
        for id in ["a", "b", "c", "d"] { try place.registry.register(Self.instance(id)) }
        try place.run("UPDATE %@ SET data = '{\"id\": 7}' WHERE id = 'a'")
        try place.run("UPDATE %@ SET state = 'RUNNING' WHERE id = 'b'")
        try place.run("UPDATE %@ SET state = 'NONSENSE' WHERE id = 'c'")
        let listing = try place.registry.list()
        #expect(listing.rows.map(\.instance.id) == ["d"])
        #expect(listing.damaged == 3)
        // Its owner writes it anew.
        #expect(try place.registry.update(Self.instance("c")) == .missing)
        try place.registry.register(Self.instance("c"))
        #expect(try place.registry.list().damaged == 2)
        #expect(try place.registry.purge(olderThan: .zero) == 0)
    }

    @Test("only what has been inactive for long enough is purged", arguments: Kind.allCases)
    func purging(kind: Kind) throws {
        let place = try Self.make(kind)
        for state in ServiceState.allCases {
            try place.registry.register(
                ServiceInstance(
                    id: state.rawValue,
                    type: "AGENT",
                    state: state,
                    sequence: 3,
                    server: ServiceInstance.Server(id: "s", version: "1", node: "n"),
                    createdAt: 0,
                    updatedAt: 0,
                    events: [],
                    rules: LivenessRules()
                )
            )
        }
        #expect(try place.registry.purge(olderThan: .seconds(3600)) == 0)
        usleep(1_100_000)
        #expect(try place.registry.purge(olderThan: .seconds(1)) == 1)
        #expect(try place.registry.list().rows.count == ServiceState.allCases.count - 1)
    }

    @Test("tables of another version are refused with both versions, and left as they are", arguments: Kind.allCases)
    func versions(kind: Kind) throws {
        let place = try Self.make(kind)
        try place.registry.register(Self.instance())
        try place.run(kind == .sqlite ? "PRAGMA user_version = 7" : "UPDATE tacit_registry SET version = 7")
        let later = try place.another()
        let error = #expect(throws: RegistryError.self) { try later.list() }
        #expect(error?.description.contains("version 7, this agent knows") == true)
        #expect(try place.registry.list().rows.count == 1)
    }

    @Test("who closes it can use it again", arguments: Kind.allCases)
    func closing(kind: Kind) throws {
        let place = try Self.make(kind)
        try place.registry.register(Self.instance())
        place.registry.close()
        #expect(try place.registry.list().rows.count == 1)
    }

    @Test("many agents that start at once make one table, and each is in it", arguments: Kind.allCases)
    func together(kind: Kind) throws {
        let place = try Self.make(kind)
        let registries = try (0..<8).map { _ in try place.another() }
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: registries.count) { index in
            do { try registries[index].register(Self.instance("\(index)")) } catch { failures.add("\(error)") }
        }
        #expect(failures.all.isEmpty)
        #expect(try place.registry.list().rows.count == 8)
    }

    @Test("in a fleet three may judge, and the place of one that is gone is taken by the next")
    func coordinators() throws {
        let place = try Self.make(.postgresql)
        let all = try (0..<5).map { _ in try place.another() }
        let judges = try all.filter { try $0.mayCoordinate() }
        #expect(judges.count == 3)
        for judge in judges { #expect(try judge.mayCoordinate()) }
        let others = all.filter { other in !judges.contains { $0 === other } }
        for other in others { #expect(try !other.mayCoordinate()) }
        judges[0].close()
        var isTaken = false
        for _ in 0..<100 where !isTaken {
            isTaken = try others[0].mayCoordinate()
            if !isTaken { usleep(20_000) }
        }
        #expect(isTaken)
        #expect(try !others[1].mayCoordinate())
    }

    @Test("a user who may not make tables is told where the statements are")
    func privileges() throws {
        let place = try Self.make(.postgresql)
        try place.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC; ALTER SCHEMA public OWNER TO pgadmin")
        let error = #expect(throws: RegistryError.self) { try place.registry.list() }
        #expect(error?.description.contains("docs/liveness.md") == true, "\(String(describing: error))")
    }
}

final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var found: [String] = []
    func add(_ failure: String) { lock.withLock { found.append(failure) } }
    var all: [String] { lock.withLock { found } }
}
