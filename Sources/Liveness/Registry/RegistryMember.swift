/// One agent's part in the registry: its own beats, and its turns as one of those who judge the others.
///
/// It reads no clock and waits for nothing but the registry, so that a test can let a thousand of them live through a week.
package struct RegistryMember: Sendable {
    /// How finished instances are cleared away.
    package struct Purge: Sendable, Equatable {
        /// How long an inactive instance is kept.
        package var retention = Duration.seconds(30 * 86_400)
        /// The time before the first purge.
        package var initialDelay = Duration.seconds(60)
        /// The time from one purge to the next.
        package var delay = Duration.seconds(3600)

        package init() {}
    }

    package private(set) var presence: Presence
    /// Everybody, as last seen by this process; nil before it looked.
    package private(set) var listing: RegistryListing?
    /// When that was.
    package private(set) var listedAt: Duration?
    /// Whether it judges the others now.
    package private(set) var isCoordinator = false
    /// Instances whose state it has changed.
    package private(set) var verdictCount = 0

    private var rules: LivenessRules
    private var purge: Purge
    private var coordinator: Coordinator
    private var nextBeat: Duration
    private var nextLook: Duration
    private var nextPurge: Duration
    private var wantsListing = false

    /// - Parameter now: on a clock that never jumps, as in all calls.
    package init(presence: Presence, purge: Purge = Purge(), at now: Duration) {
        self.presence = presence
        self.purge = purge
        rules = presence.instance.rules
        coordinator = Coordinator(ownServer: presence.instance.server.id, interval: rules.interval)
        nextBeat = now
        nextLook = now + rules.interval
        nextPurge = now + purge.initialDelay
    }

    /// When the next turn is due.
    package var nextTurn: Duration { wantsListing ? .zero : min(nextBeat, nextLook) }

    /// Lets the next turn read everybody, whether it judges them or not.
    package mutating func wantListing() { wantsListing = true }

    /// A change of what is configured; it is published with the next beat.
    package mutating func configure(_ rules: LivenessRules, _ purge: Purge) {
        self.purge = purge
        self.rules = rules
        presence.setRules(rules)
    }

    /// Does what is due.
    ///
    /// - Parameters:
    ///   - clock: a clock that never jumps; it goes on while the registry is waited for.
    ///   - time: milliseconds since 1970.
    ///   - describe: fills in how the agent is before it is written.
    /// - Returns: what the agent has to do, in this order.
    package mutating func turn(
        _ registry: any InstanceRegistry,
        clock: () -> Duration,
        time: Int64,
        using generator: inout some RandomNumberGenerator,
        describe: (inout Presence) -> Void = { _ in }
    ) -> [Presence.Effect] {
        var effects: [Presence.Effect] = []
        let now = clock()
        if now >= nextBeat {
            nextBeat = now + Jitter.shortened(rules.heartbeatInterval, using: &generator)
            describe(&presence)
            if let write = presence.beat(at: now, time: time) { effects = self.write(write, registry, clock, time) }
            // What follows at once follows in the same turn; more than one round of it would be a quarrel.
            if effects.contains(.hurry), let write = presence.beat(at: clock(), time: time) {
                effects += self.write(write, registry, clock, time)
            }
            effects.removeAll { $0 == .hurry }
            coordinator.ownServer = presence.instance.server.id
        }
        let then = clock()
        if then >= nextLook || wantsListing { look(registry, at: then, time: time, using: &generator) }
        return effects
    }

    private mutating func write(
        _ write: Presence.Write,
        _ registry: any InstanceRegistry,
        _ clock: () -> Duration,
        _ time: Int64
    ) -> [Presence.Effect] {
        // Whoever reads it may have waited since then, so the beat counts from before it was written.
        let start = clock()
        do throws(RegistryError) {
            return presence.wrote(try Self.carryOut(write, registry), at: start, time: time)
        } catch {
            return presence.failed(error.description, at: clock(), time: time)
        }
    }

    private static func carryOut(
        _ write: Presence.Write,
        _ registry: any InstanceRegistry
    ) throws(RegistryError) -> RegistryAnswer {
        switch write {
        case .register(let instance):
            try registry.register(instance)
            return .written
        case .update(let instance): return try registry.update(instance)
        }
    }

    // MARK: Looking at the others

    private mutating func look(
        _ registry: any InstanceRegistry,
        at now: Duration,
        time: Int64,
        using generator: inout some RandomNumberGenerator
    ) {
        let isDue = now >= nextLook
        if isDue { nextLook = now + Jitter.shortened(rules.interval, using: &generator) }
        let mustList = wantsListing
        wantsListing = false
        do throws(RegistryError) {
            if isDue {
                let judged = isCoordinator
                isCoordinator = presence.phase == .serving ? try registry.mayCoordinate() : false
                // Who begins to judge has heard nothing of what was before.
                if isCoordinator, !judged {
                    coordinator = Coordinator(ownServer: presence.instance.server.id, interval: rules.interval)
                }
            }
            guard mustList || (isDue && isCoordinator) else { return }
            let all = try registry.list()
            listing = all
            listedAt = now
            guard isDue, isCoordinator else { return }
            for verdict in coordinator.judge(all, at: now) where try registry.carryOut(verdict, at: time) {
                verdictCount += 1
            }
            if now >= nextPurge {
                nextPurge = now + purge.delay
                _ = try registry.purge(olderThan: purge.retention)
            }
        } catch {
            coordinator.sawNothing(at: now)
        }
    }

    // MARK: The end

    /// Says that the agent is about to end.
    package mutating func leave(_ registry: any InstanceRegistry, at now: Duration, time: Int64) {
        guard let write = presence.leave(at: time) else { return }
        _ = self.write(write, registry, { now }, time)
    }

    /// Says that the agent has ended. No turn comes after it.
    package mutating func end(_ registry: any InstanceRegistry, gracefully: Bool, at now: Duration, time: Int64) {
        guard let write = presence.end(gracefully: gracefully, at: time) else { return }
        _ = self.write(write, registry, { now }, time)
    }
}
