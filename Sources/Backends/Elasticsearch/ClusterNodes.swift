internal import Secrets
internal import Synchronization

/// The nodes of a cluster, and which of them to ask. Those that answer take turns. One that does not is left alone, for
/// longer each time; when its time is over it is asked again like the others.
final class ClusterNodes: Sendable {
    /// How long a node is left alone after its first failure; each further one doubles it.
    static let firstRest = Duration.seconds(1)
    static let longestRest = Duration.seconds(60)

    private struct Health: Sendable {
        var failures = 0
        var restsUntil: BootInstant?
    }

    private struct State: Sendable {
        var health: [Health]
        var turn = 0
    }

    let addresses: [String]
    private let time: TimeSource
    private let state: Mutex<State>

    /// - Parameter addresses: at least one.
    init(_ addresses: [String], time: TimeSource) {
        self.addresses = addresses
        self.time = time
        state = Mutex(State(health: addresses.map { _ in Health() }))
    }

    /// The nodes to ask, one after the other until one answers: all that are not left alone, or, where all are, the one
    /// whose time is over first.
    func order() -> [Int] {
        let now = time.now()
        return state.withLock { state in
            let awake = state.health.indices.filter { (state.health[$0].restsUntil ?? now) <= now }
            guard !awake.isEmpty else {
                let soonest = state.health.indices.min { left, right in
                    (state.health[left].restsUntil ?? now) < (state.health[right].restsUntil ?? now)
                }
                return soonest.map { [$0] } ?? []
            }
            state.turn = (state.turn + 1) % addresses.count
            let first = awake.firstIndex { $0 >= state.turn } ?? 0
            return Array(awake[first...] + awake[..<first])
        }
    }

    func succeeded(_ node: Int) { state.withLock { $0.health[node] = Health() } }

    func failed(_ node: Int) {
        let now = time.now()
        state.withLock { state in
            let rest = min(Self.firstRest * (1 << min(state.health[node].failures, 10)), Self.longestRest)
            state.health[node].failures += 1
            state.health[node].restsUntil = now.advanced(by: rest)
        }
    }
}
