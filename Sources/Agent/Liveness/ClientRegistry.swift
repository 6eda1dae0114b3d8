internal import Liveness
internal import Secrets
internal import Synchronization

/// The service instances of this agent's clients, for all loops.
final class ClientRegistry: Sendable {
    private struct State {
        var instances: ClientInstances
        var defaults: LivenessRules
    }

    private let state: Mutex<State>

    /// - Parameter defaults: by what instances are judged that say nothing about it.
    init(defaults: LivenessRules) {
        state = Mutex(State(instances: ClientInstances(interval: defaults.interval), defaults: defaults))
    }

    var defaults: LivenessRules { state.withLock { $0.defaults } }

    /// A change of what is configured; it holds from each instance's next beat on.
    func setDefaults(_ rules: LivenessRules) { state.withLock { $0.defaults = rules } }

    func note(_ beat: ClientInstances.Beat, at now: BootInstant) throws(ClientInstances.Refusal) -> ClientInstances.Held
    {
        try state.withLock { (state) throws(ClientInstances.Refusal) in
            try state.instances.note(beat, at: .nanoseconds(now.nanoseconds))
        }
    }

    /// Looks at those whose time has come.
    ///
    /// - Returns: those whose leases end.
    func judge(at now: BootInstant) -> [ClientInstances.Ended] {
        state.withLock { $0.instances.judge(at: .nanoseconds(now.nanoseconds)) }
    }

    /// Wipes what only this instance had read.
    func wipe(_ ended: ClientInstances.Ended, in cache: Cache) {
        guard let mark = ended.mark else { return }
        _ = cache.release(readers: mark.bits)
        state.withLock { $0.instances.release(mark) }
    }

    var stateCounts: [ServiceState: Int] { state.withLock { $0.instances.stateCounts } }
}
