internal import Secrets
internal import Synchronization

/// The latest health report, made at most once in a while however many ask.
final class HealthBoard: Sendable {
    /// How old a report may be that is handed out.
    static let longestAge = Duration.milliseconds(500)

    private struct State {
        var source: (@Sendable () -> HealthReport)?
        var report: HealthReport?
        var madeAt = BootInstant(nanoseconds: 0)
    }

    private let state = Mutex(State())

    /// Where reports come from, once everything stands.
    func set(_ source: @escaping @Sendable () -> HealthReport) { state.withLock { $0.source = source } }

    /// nil while the agent is still starting.
    func report(at now: BootInstant) -> HealthReport? {
        let (known, source) = state.withLock { state in
            let isFresh = state.report != nil && now < state.madeAt.advanced(by: Self.longestAge)
            return (isFresh ? state.report : nil, state.source)
        }
        if let known { return known }
        // Made outside of the lock: parts look at locks of their own.
        guard let made = source?() else { return nil }
        state.withLock { state in
            state.report = made
            state.madeAt = now
        }
        return made
    }

    /// Names of the agent's own parts that are down.
    var problems: [String] {
        report(at: .now)?.parts.filter { $0.status == .down }.map(\.name) ?? []
    }
}
