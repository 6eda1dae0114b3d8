/// Judges all instances by what each has published.
///
/// Silence is measured on this process's own clock, as the time during which an instance's sequence did not grow while
/// somebody looked. So neither clocks that differ between nodes, nor clocks that jump, nor an outage of the registry, nor a
/// pause of this process make anybody dead. Several may judge at once: a verdict counts only where nothing was written since.
package struct Coordinator: Sendable {
    private struct Observation {
        var sequence: UInt64
        /// When it was last heard of, in attentive time.
        var heardAt: Duration
        var state: ServiceState
        var stateSince: Duration
        /// It is at least this old.
        let firstSeen: Duration
    }

    /// The process that judges does not judge itself.
    package var ownServer: String
    private var clock: AttentiveClock
    private var observations: [String: Observation] = [:]

    /// - Parameter interval: how often ``judge(_:at:)`` is meant to be called.
    package init(ownServer: String, interval: Duration) {
        self.ownServer = ownServer
        clock = AttentiveClock(interval: interval)
    }

    /// The registry could not be read: nobody could be heard, so nobody is blamed for it.
    package mutating func sawNothing(at now: Duration) { clock.lookInVain(at: now) }

    /// Looks at everybody.
    ///
    /// - Parameter now: on a clock that never jumps.
    package mutating func judge(_ listing: RegistryListing, at now: Duration) -> [Verdict] {
        let (time, gap) = clock.look(at: now)
        var seen: [String: Observation] = [:]
        seen.reserveCapacity(listing.rows.count)
        var verdicts: [Verdict] = []
        for row in listing.rows {
            let instance = row.instance
            let observation = observe(row, at: time, gap: gap)
            seen[instance.id] = observation
            if instance.server.id != ownServer, let (state, reason) = Self.verdict(instance, observation, at: time) {
                verdicts.append(Verdict(id: instance.id, sequence: instance.sequence, state: state, reason: reason))
            }
        }
        observations = seen
        return verdicts
    }

    private func observe(_ row: RegistryListing.Row, at time: Duration, gap: Duration) -> Observation {
        let instance = row.instance
        // It was written after the look before; how long after, the registry's clock says, as far as that can be true.
        let writtenAt = time - min(max(.zero, row.age), gap)
        guard var known = observations[instance.id] else {
            return Observation(
                sequence: instance.sequence,
                heardAt: writtenAt,
                state: instance.state,
                stateSince: writtenAt,
                firstSeen: writtenAt
            )
        }
        if known.sequence != instance.sequence {
            known.sequence = instance.sequence
            known.heardAt = writtenAt
        }
        if known.state != instance.state {
            known.state = instance.state
            known.stateSince = writtenAt
        }
        return known
    }

    private static func verdict(
        _ instance: ServiceInstance,
        _ observation: Observation,
        at time: Duration
    ) -> (ServiceState, String)? {
        let rules = instance.rules
        let silence = time - observation.heardAt
        let inState = time - observation.stateSince
        switch instance.state {
        case .created, .running, .maintenance:
            guard rules.isEnabled, silence > rules.timeout, time - observation.firstSeen >= rules.initialDelay else {
                return nil
            }
            return (.disconnected, "it was silent for longer than its time-out")
        case .error:
            guard rules.isEnabled, silence > rules.timeout else { return nil }
            return (.terminating, "it was silent for longer than its time-out, after an error")
        case .disconnected, .terminating, .terminatedForced:
            guard inState > rules.terminationGracePeriod else { return nil }
            return (.notRunning, "its termination grace period is over")
        case .terminatedGracefully: return (.notRunning, "")
        case .notRunning: return (.inactive, "")
        case .inactive: return nil
        }
    }
}

/// That an instance is in another state than it says.
package struct Verdict: Sendable, Equatable {
    package let id: String
    /// What it was judged by: where more has been written since, the verdict is void.
    package let sequence: UInt64
    package let state: ServiceState
    package let reason: String

    package init(id: String, sequence: UInt64, state: ServiceState, reason: String) {
        self.id = id
        self.sequence = sequence
        self.state = state
        self.reason = reason
    }
}
