import Liveness
import Synchronization
import Testing

/// 1,000 agents with 20 clients each, treated badly. What must hold: nobody is taken for dead within its time-out, everybody
/// who is dead is found within time-out and interval, and the registry is consistent afterwards.
@Suite("A fleet of 1,000 agents and 20,000 clients")
struct FleetTests {
    private static let rules: LivenessRules = {
        var rules = LivenessRules()
        rules.terminationGracePeriod = .seconds(30)
        return rules
    }()
    /// By when the dead are found; the simulation moves in steps.
    private static let latest = rules.timeout + rules.interval + Fleet.step * 2

    private static func makeFleet() -> Fleet {
        var fleet = Fleet(agents: 1000, rules: rules)
        fleet.run(for: .seconds(60))
        return fleet
    }

    @Test("crashes are found in time, pauses shorter than the time-out are not taken for them")
    func crashesAndPauses() throws {
        var fleet = Self.makeFleet()
        #expect(fleet.deaths.isEmpty)
        let start = fleet.now
        // Those who judge are among the dead.
        let judges = fleet.registry.state.withLock { $0.coordinators }
        let crashed = [judges[0], judges[1]] + (100..<110)
        for index in crashed { fleet.crash(index) }
        for index in 200..<220 { fleet.pause(index, for: .seconds(35)) }
        for index in 300..<310 { fleet.pause(index, for: .seconds(120)) }
        for client in 0..<10 {
            fleet.crash(client: client, of: 400)
            fleet.pause(client: client, of: 401, for: .seconds(40))
        }
        fleet.run(for: .seconds(60))
        let lost = Set((crashed + Array(300..<310)).map { fleet.agents[$0].ids[0] })
        #expect(Set(fleet.deaths) == lost)
        for id in lost {
            let found = try #require(fleet.death(of: id))
            let silent = try #require(fleet.registry.state.withLock { $0.beats[id] })
            #expect(found - silent > Self.rules.timeout)
            #expect(found - silent <= Self.latest, "\(id)")
        }
        for client in 0..<10 {
            #expect(fleet.agents[400].peers[client].state == .running)
            #expect(fleet.agents[401].peers[client].state == .running)
        }
        #expect(fleet.agents[400].clients.stateCounts == [.running: 10, .disconnected: 10])
        #expect(fleet.agents[401].clients.stateCounts == [.running: 20])
        fleet.run(for: .seconds(100))
        // Those that woke up came back under new names, the dead are cleared up.
        for index in 300..<310 { #expect(fleet.agents[index].ids.count == 2) }
        for index in 300..<310 { #expect(fleet.agents[index].fencedAt.count == 1) }
        for id in lost { #expect(fleet.registry.state.withLock { $0.rows[id]?.instance.state } == .inactive) }
        #expect(fleet.inconsistencies().isEmpty)
        let clients = fleet.clientDeaths.filter { $0.id.hasPrefix("c400-") }
        #expect(clients.count == 10)
        let due = Self.latest + Self.rules.terminationGracePeriod + Self.rules.interval
        for death in clients { #expect(death.at - start <= due) }
    }

    @Test("a client of a paused agent is not blamed for the agent's pause")
    func pausedAgent() {
        var fleet = Fleet(agents: 20, rules: Self.rules)
        fleet.run(for: .seconds(60))
        fleet.pause(7, for: .seconds(600))
        fleet.run(for: .seconds(700))
        #expect(fleet.agents[7].clients.stateCounts == [.running: 20])
        #expect(fleet.clientDeaths.isEmpty)
        #expect(fleet.inconsistencies().isEmpty)
    }

    @Test("who is cut off is fenced by its time-out, found by the others, and comes back as another")
    func partitions() throws {
        var fleet = Self.makeFleet()
        // Two of those who judge are among them.
        let judges = fleet.registry.state.withLock { $0.coordinators }
        let others = (0..<40).filter { !judges.contains($0) }
        let briefly = [judges[0]] + others.prefix(15)
        let long = [judges[1]] + others.suffix(19)
        for index in briefly { fleet.partition(index, for: .seconds(40)) }
        for index in long { fleet.partition(index, for: .seconds(150)) }
        let start = fleet.now
        fleet.run(for: .seconds(55))
        for index in briefly { #expect(fleet.agents[index].fencedAt.isEmpty) }
        for index in long {
            let fenced = try #require(fleet.agents[index].fencedAt.first)
            #expect(fenced - start <= Self.rules.timeout + Self.rules.heartbeatInterval)
            let found = try #require(fleet.death(of: fleet.agents[index].ids[0]))
            let silent = try #require(fleet.registry.state.withLock { $0.beats[fleet.agents[index].ids[0]] })
            #expect(found - silent > Self.rules.timeout)
            #expect(found - silent <= Self.latest)
        }
        #expect(fleet.deaths.count == 20)
        fleet.run(for: .seconds(145))
        for index in long {
            #expect(!fleet.agents[index].isFenced)
            #expect(fleet.agents[index].ids.count == 2)
        }
        #expect(fleet.inconsistencies().isEmpty)
    }

    @Test("where all who judge are lost at once, the next ones need a time-out of their own to be sure")
    func allJudgesLost() throws {
        var fleet = Self.makeFleet()
        let judges = fleet.registry.state.withLock { $0.coordinators }
        #expect(judges.count == ModelRegistry.coordinatorCount)
        for index in judges { fleet.crash(index) }
        let start = fleet.now
        fleet.run(for: .seconds(70))
        #expect(Set(fleet.deaths) == Set(judges.map { fleet.agents[$0].ids[0] }))
        for index in judges {
            let found = try #require(fleet.death(of: fleet.agents[index].ids[0]))
            #expect(found - start <= Self.latest + Self.rules.interval)
        }
        #expect(fleet.inconsistencies().isEmpty)
    }

    @Test("clocks that jump, of nodes and of the registry, kill nobody and hide nobody's death")
    func clockJumps() throws {
        var fleet = Self.makeFleet()
        for index in 0..<200 {
            fleet.moveWallClock(index, by: index.isMultiple(of: 2) ? 36_000_000 : -315_360_000_000)
        }
        fleet.moveRegistryClock(by: .seconds(3600))
        fleet.run(for: .seconds(30))
        fleet.moveRegistryClock(by: .seconds(-86_400))
        fleet.crash(500)
        fleet.run(for: .seconds(20))
        fleet.moveRegistryClock(by: .seconds(7200))
        fleet.run(for: .seconds(32))
        #expect(fleet.deaths == [fleet.agents[500].ids[0]])
        let found = try #require(fleet.death(of: fleet.agents[500].ids[0]))
        let silent = try #require(fleet.registry.state.withLock { $0.beats[fleet.agents[500].ids[0]] })
        #expect(found - silent <= Self.latest)
        #expect(fleet.clientDeaths.isEmpty)
        #expect(fleet.inconsistencies().isEmpty)
    }

    @Test("a short outage of the registry changes nothing; in a long one all are fenced and all come back")
    func outages() {
        var fleet = Self.makeFleet()
        fleet.setRegistry(up: false)
        fleet.run(for: .seconds(35))
        fleet.setRegistry(up: true)
        fleet.run(for: .seconds(60))
        #expect(fleet.deaths.isEmpty)
        #expect(fleet.agents.allSatisfy { $0.fencedAt.isEmpty && $0.ids.count == 1 })
        fleet.setRegistry(up: false)
        fleet.run(for: .seconds(120))
        #expect(fleet.agents.allSatisfy { $0.isFenced })
        fleet.crash(9)
        fleet.setRegistry(up: true)
        fleet.run(for: .seconds(120))
        #expect(fleet.agents.allSatisfy { !$0.isAlive || (!$0.isFenced && $0.ids.count == 2) })
        // Each old name is given up in the end, the one of the agent that died meanwhile too.
        #expect(Set(fleet.deaths) == Set(fleet.agents.map { $0.ids[0] }))
        #expect(fleet.inconsistencies().isEmpty)
        #expect(fleet.clientDeaths.isEmpty)
    }
}
