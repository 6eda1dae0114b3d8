import Liveness
import Synchronization

/// A registry that is only a dictionary, with a clock of its own that can jump, and outages.
final class ModelRegistry: Sendable {
    struct State {
        var rows: [String: (instance: ServiceInstance, writtenAt: Duration)] = [:]
        var isUp = true
        /// The database's clock, as far as it is off.
        var clockError = Duration.zero
        var now = Duration.zero
        var coordinators: [Int] = []
        /// Changes that the table of states forbids; there must be none.
        var illegal: [String] = []
        /// Verdicts that were carried out.
        var verdicts: [(id: String, state: ServiceState, at: Duration)] = []
        /// When each row was last written by its own process.
        var beats: [String: Duration] = [:]
    }

    /// How many judge at a time.
    static let coordinatorCount = 3

    let state = Mutex(State())
}

/// One node's way to it, which can be cut.
final class ModelLink: InstanceRegistry {
    private let registry: ModelRegistry
    private let node: Int
    private let isCut = Mutex(false)

    init(_ registry: ModelRegistry, node: Int) {
        self.registry = registry
        self.node = node
    }

    func cut(_ isCut: Bool) { self.isCut.withLock { $0 = isCut } }

    private func reach<Result>(
        _ body: (inout ModelRegistry.State) -> sending Result
    ) throws(RegistryError) -> sending Result {
        let isCut = isCut.withLock { $0 }
        let answer: Result? = registry.state.withLock { state in
            if isCut || !state.isUp {
                state.coordinators.removeAll { $0 == node }
                return nil
            }
            return body(&state)
        }
        guard let answer else { throw RegistryError("it cannot be reached") }
        return answer
    }

    func register(_ instance: ServiceInstance) throws(RegistryError) {
        try reach { state in
            state.rows[instance.id] = (instance, state.now + state.clockError)
            state.beats[instance.id] = state.now
        }
    }

    func update(_ instance: ServiceInstance) throws(RegistryError) -> RegistryAnswer {
        try reach { state in
            guard let known = state.rows[instance.id] else { return .missing }
            guard known.instance.state.mayBecome(instance.state) else { return .refused(known.instance.state) }
            state.rows[instance.id] = (instance, state.now + state.clockError)
            state.beats[instance.id] = state.now
            return .written
        }
    }

    func mayCoordinate() throws(RegistryError) -> Bool {
        try reach { [node] state in
            if state.coordinators.contains(node) { return true }
            guard state.coordinators.count < ModelRegistry.coordinatorCount else { return false }
            state.coordinators.append(node)
            return true
        }
    }

    func list() throws(RegistryError) -> RegistryListing {
        try reach { state in
            let now = state.now + state.clockError
            return RegistryListing(
                rows: state.rows.values.map { RegistryListing.Row(instance: $0.instance, age: now - $0.writtenAt) }
            )
        }
    }

    func carryOut(_ verdict: Verdict, at time: Int64) throws(RegistryError) -> Bool {
        try reach { state in
            guard var known = state.rows[verdict.id], known.instance.sequence == verdict.sequence else { return false }
            let before = known.instance.state
            guard known.instance.move(to: verdict.state, at: time, reason: verdict.reason, isOwn: false) else {
                state.illegal.append("\(verdict.id): \(before) to \(verdict.state)")
                return false
            }
            state.rows[verdict.id] = (known.instance, state.now + state.clockError)
            state.verdicts.append((verdict.id, verdict.state, state.now))
            return true
        }
    }

    func purge(olderThan retention: Duration) throws(RegistryError) -> Int {
        try reach { state in
            let now = state.now + state.clockError
            let old = state.rows.filter { $0.value.instance.state == .inactive && now - $0.value.writtenAt > retention }
            for id in old.keys { state.rows[id] = nil }
            return old.count
        }
    }

    func close() {
        registry.state.withLock { state in state.coordinators.removeAll { $0 == node } }
    }
}
