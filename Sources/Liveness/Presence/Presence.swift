/// An agent's own life in the registry, without the registry: what to write when, and what follows from the answer.
///
/// ```text
///            registered                 refused, or no write for a time-out
///   arriving ─────────► serving ─────────────────────────────────────────► fenced
///                          ▲             registered, as a new instance       │
///                          └──────────────────────────────────────────────────┘
///   any ── leave ──► leaving ── end ──► ended
/// ```
///
/// While it is fenced the others may take it for dead, so it hands out nothing and holds nothing.
package struct Presence: Sendable {
    package enum Phase: Sendable, Equatable { case arriving, serving, fenced, leaving, ended }

    /// What is to be written.
    package enum Write: Sendable, Equatable {
        /// Whole, in the place of whatever has the id.
        case register(ServiceInstance)
        /// Where the state that is written down allows it.
        case update(ServiceInstance)
    }

    /// What the agent has to do.
    package enum Effect: Sendable, Equatable {
        /// Hand out nothing any more, and wipe what is held.
        case fence(String)
        /// Serve again.
        case resume
        /// The next write is due at once.
        case hurry
    }

    /// Makes the parts of a new instance that must never be used twice.
    package typealias Naming = @Sendable () -> (instance: String, server: String)

    package private(set) var phase = Phase.arriving
    package private(set) var instance: ServiceInstance
    /// When the registry last took a write; nil before the first.
    package private(set) var lastWrite: Duration?
    package private(set) var lastProblem: String?

    private let naming: Naming
    private var isRegistered = false
    private let startedAt: Duration
    private var lastTry: Duration
    /// Whether the try that is under way came late, because this process did not run.
    private var wasAsleep = false

    /// - Parameters:
    ///   - version: the program's.
    ///   - node: the node's name.
    ///   - now: on a clock that never jumps.
    ///   - time: milliseconds since 1970.
    package init(
        version: String,
        node: String,
        rules: LivenessRules,
        naming: @escaping Naming,
        at now: Duration,
        time: Int64
    ) {
        self.naming = naming
        let (id, server) = naming()
        instance = ServiceInstance(
            id: id,
            type: Self.type,
            server: ServiceInstance.Server(id: server, version: version, node: node),
            rules: rules,
            at: time
        )
        startedAt = now
        lastTry = now
    }

    /// The service type of an agent's own instance.
    package static let type = "AGENT"

    /// How the agent is, as the next write will say.
    package mutating func describe(listeners: [String], problems: [String]) {
        instance.listeners = listeners
        instance.problems = problems
    }

    /// A change of what is configured.
    package mutating func setRules(_ rules: LivenessRules) { instance.rules = rules }

    /// The next write.
    ///
    /// - Returns: nil once it has ended.
    package mutating func beat(at now: Duration, time: Int64) -> Write? {
        guard phase != .ended else { return nil }
        wasAsleep = now - lastTry > instance.rules.timeout
        lastTry = now
        guard isRegistered else {
            if instance.state == .created { instance.move(to: .running, at: time) }
            return .register(instance)
        }
        instance.move(to: instance.state, at: time)
        return .update(instance)
    }

    /// Says that it is about to end. Beats go on until ``end(gracefully:at:)``.
    package mutating func leave(at time: Int64) -> Write? {
        guard isRegistered, phase != .ended, phase != .leaving else {
            // Nobody knows of it: there is nothing to take leave of.
            phase = isRegistered ? phase : .ended
            return nil
        }
        phase = .leaving
        instance.move(to: .terminating, at: time, reason: "it was told to end")
        return .update(instance)
    }

    /// The last write. No beat comes after it, or it would look alive again.
    package mutating func end(gracefully: Bool, at time: Int64) -> Write? {
        let wasLeaving = phase == .leaving
        phase = .ended
        guard wasLeaving else { return nil }
        instance.move(to: gracefully ? .terminatedGracefully : .terminatedForced, at: time)
        return .update(instance)
    }

    /// What the registry said to a write.
    package mutating func wrote(_ answer: RegistryAnswer, at now: Duration, time: Int64) -> [Effect] {
        lastProblem = nil
        switch answer {
        case .written:
            lastWrite = now
            isRegistered = true
            guard phase == .arriving || phase == .fenced else { return [] }
            let wasFenced = phase == .fenced
            phase = .serving
            return wasFenced ? [.resume] : []
        case .missing:
            // Somebody deleted it; it lives, so it is written down again.
            lastWrite = now
            isRegistered = false
            return phase == .ended ? [] : [.hurry]
        case .refused(let state):
            lastWrite = now
            guard phase == .serving else { return [] }
            startAnew(at: time)
            let isNew = phase != .fenced
            phase = .fenced
            return (isNew ? [.fence("the registry holds this agent as \(state.rawValue)")] : []) + [.hurry]
        }
    }

    /// The registry could not be written.
    package mutating func failed(_ problem: String, at now: Duration, time: Int64) -> [Effect] {
        lastProblem = problem
        // The time that the registry was waited for was no sleep.
        lastTry = now
        guard phase == .serving || phase == .arriving, instance.rules.isEnabled else { return [] }
        // After a pause of this process the first failure may be the pause's doing; the next one is not.
        guard now - (lastWrite ?? startedAt) > instance.rules.timeout, !wasAsleep else { return [] }
        if isRegistered { startAnew(at: time) }
        phase = .fenced
        return [.fence("the registry could not be written for longer than the time-out: \(problem)")]
    }

    /// The others may have taken the old instance for dead; that is never taken back.
    private mutating func startAnew(at time: Int64) {
        let (id, server) = naming()
        let old = instance
        instance = ServiceInstance(
            id: id,
            type: old.type,
            server: ServiceInstance.Server(id: server, version: old.server.version, node: old.server.node),
            rules: old.rules,
            at: time
        )
        instance.listeners = old.listeners
        instance.problems = old.problems
        isRegistered = false
    }
}
