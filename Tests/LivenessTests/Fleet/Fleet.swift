import Liveness
import SeededGenerator
import Synchronization

/// Many agents and their clients on a clock that the test moves.
struct Fleet {
    static let clientsPerAgent = 20

    struct Client {
        let id: String
        var state = ServiceState.running
        var nextBeat: Duration
        var isAlive = true
        var diedAt: Duration?
        var pausedUntil = Duration.zero
    }

    struct Agent {
        var member: RegistryMember
        var clients: ClientInstances
        var peers: [Client]
        let link: ModelLink
        var isAlive = true
        var isFenced = false
        var pausedUntil = Duration.zero
        var cutUntil = Duration.zero
        var wallError: Int64 = 0
        var nextJudgement = Duration.zero
        /// Its instances' ids, in the order in which it had them.
        var ids: [String]
        var fencedAt: [Duration] = []
    }

    /// That a client was taken for dead.
    struct ClientDeath {
        let id: String
        let state: ServiceState
        let at: Duration
    }

    let registry = ModelRegistry()
    private(set) var agents: [Agent] = []
    private(set) var now = Duration.zero
    private(set) var clientDeaths: [ClientDeath] = []
    /// Requests that a fenced agent would have answered; there must be none.
    private var generator = SeededGenerator(seed: 4)
    let rules: LivenessRules

    static let step = Duration.milliseconds(500)

    init(agents count: Int, rules: LivenessRules) {
        self.rules = rules
        for index in 0..<count {
            let names = SharedCount()
            let presence = Presence(
                version: "1",
                node: "node-\(index)",
                rules: rules,
                naming: {
                    let number = names.next()
                    return ("a\(index)-\(number)", "s\(index)-\(number)")
                },
                at: .zero,
                time: 0
            )
            let agent = Agent(
                member: RegistryMember(presence: presence, at: .zero),
                clients: ClientInstances(interval: rules.interval),
                peers: (0..<Self.clientsPerAgent).map { client in
                    let delay = Duration.milliseconds(Int64.random(in: 0..<3000, using: &generator))
                    return Client(id: "c\(index)-\(client)", nextBeat: delay)
                },
                link: ModelLink(registry, node: index),
                ids: [presence.instance.id]
            )
            agents.append(agent)
        }
    }

    var wallTime: Int64 { 1_700_000_000_000 + Int64(now / .milliseconds(1)) }

    /// Lets time pass, in small steps.
    mutating func run(for duration: Duration) {
        let end = now + duration
        while now < end {
            now += Self.step
            registry.state.withLock { [now] in $0.now = now }
            for index in agents.indices { turn(index) }
        }
    }

    private mutating func turn(_ index: Int) {
        guard agents[index].isAlive else { return }
        // Whoever is stopped does nothing; its clients go on in vain.
        guard agents[index].pausedUntil <= now else { return }
        agents[index].link.cut(agents[index].cutUntil > now)
        if agents[index].member.nextTurn <= now {
            let effects = agents[index].member.turn(
                agents[index].link,
                clock: { [now] in now },
                time: wallTime + agents[index].wallError,
                using: &generator
            )
            for effect in effects {
                switch effect {
                case .fence:
                    agents[index].isFenced = true
                    agents[index].fencedAt.append(now)
                case .resume: agents[index].isFenced = false
                case .hurry: break
                }
            }
            let id = agents[index].member.presence.instance.id
            if agents[index].ids.last != id { agents[index].ids.append(id) }
        }
        for client in agents[index].peers.indices { beat(client, of: index) }
        if agents[index].nextJudgement <= now {
            agents[index].nextJudgement = now + rules.interval
            for ended in agents[index].clients.judge(at: now) {
                clientDeaths.append(ClientDeath(id: ended.id, state: ended.state, at: now))
            }
        }
    }

    private mutating func beat(_ client: Int, of agent: Int) {
        let peer = agents[agent].peers[client]
        guard peer.isAlive, peer.pausedUntil <= now, peer.nextBeat <= now else { return }
        let beat = ClientInstances.Beat(
            id: peer.id,
            identity: "worker",
            type: "WORKER",
            state: .running,
            rules: rules,
            connection: ClientConnection(loop: 0, token: UInt64(client))
        )
        guard let held = try? agents[agent].clients.note(beat, at: now) else { return }
        agents[agent].peers[client].state = held.state
        agents[agent].peers[client].nextBeat = now + held.nextBeat
    }

    // MARK: Misfortunes

    mutating func crash(_ index: Int) {
        agents[index].isAlive = false
        agents[index].link.close()
    }

    mutating func pause(_ index: Int, for duration: Duration) { agents[index].pausedUntil = now + duration }
    mutating func partition(_ index: Int, for duration: Duration) { agents[index].cutUntil = now + duration }
    mutating func moveWallClock(_ index: Int, by milliseconds: Int64) { agents[index].wallError += milliseconds }
    mutating func crash(client: Int, of agent: Int) {
        agents[agent].peers[client].isAlive = false
        agents[agent].peers[client].diedAt = now
    }
    mutating func pause(client: Int, of agent: Int, for duration: Duration) {
        agents[agent].peers[client].pausedUntil = now + duration
    }
    func setRegistry(up isUp: Bool) { registry.state.withLock { $0.isUp = isUp } }
    func moveRegistryClock(by error: Duration) { registry.state.withLock { $0.clockError += error } }

    // MARK: What came of it

    /// When an instance was found dead; nil where it was not.
    func death(of id: String) -> Duration? {
        registry.state.withLock { state in
            state.verdicts.first { $0.id == id && $0.state == .disconnected }?.at
        }
    }

    var deaths: [String] {
        registry.state.withLock { state in state.verdicts.filter { $0.state == .disconnected }.map(\.id) }
    }

    /// What is wrong with the registry: nothing, however the fleet was treated.
    func inconsistencies() -> [String] {
        registry.state.withLock { state in
            var found = state.illegal
            for (index, agent) in agents.enumerated() where agent.isAlive && !agent.isFenced {
                let own = agent.ids.last ?? ""
                if state.rows[own]?.instance.state != .running { found.append("agent \(index) is not RUNNING: \(own)") }
                for old in agent.ids.dropLast() where state.rows[old]?.instance.state.isRunning == true {
                    found.append("agent \(index) is still RUNNING as \(old), too")
                }
            }
            for row in state.rows.values {
                let states = row.instance.events.map(\.state)
                for (before, after) in zip(states, states.dropFirst()) where !before.mayBecome(after) {
                    found.append("\(row.instance.id) went from \(before) to \(after)")
                }
            }
            return found
        }
    }
}
