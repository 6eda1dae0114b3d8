internal import HeapModule

/// The service instances that have said to this agent that they live, each bound to the identity that said so first.
package struct ClientInstances: Sendable {
    /// What may be held.
    package struct Limits: Sendable {
        /// Instances, those included that have ended and are remembered.
        package var instances = 32_768
        /// Instances of one identity, so that none of them uses up the room of all.
        package var perIdentity = 1000
        /// Longest time-outs and intervals.
        package var longestTime = Duration.seconds(86_400)
        /// For how long an id that has ended is not given to another.
        package var remembered = Duration.seconds(600)
        /// Beats that the agent wants to hear in a second, of all together: it asks for fewer where there are many.
        package var beatsPerSecond = 1000

        package init() {}
    }

    /// What an instance says.
    package struct Beat: Sendable {
        package var id: String
        package var identity: String
        /// Of the certificate, never of what the instance says of itself.
        package var type: String
        package var state: ServiceState
        package var rules: LivenessRules
        package var connection: ClientConnection

        package init(
            id: String,
            identity: String,
            type: String,
            state: ServiceState,
            rules: LivenessRules,
            connection: ClientConnection
        ) {
            self.id = id
            self.identity = identity
            self.type = type
            self.state = state
            self.rules = rules
            self.connection = connection
        }
    }

    /// What the agent makes of a beat.
    package struct Held: Sendable, Equatable {
        /// Where it differs from what was sent, this one counts.
        package let state: ServiceState
        /// When the next beat is expected.
        package let nextBeat: Duration
        package let mark: LeaseMark
        /// Whether it said anything new.
        package let isNews: Bool
        /// The connection that it beat on before, where that was another one.
        package let replaced: ClientConnection?
        /// Set where the instance's leases end with this beat.
        package let ended: Ended?
    }

    /// The leases of an instance are over.
    package struct Ended: Sendable, Equatable {
        package let id: String
        package let identity: String
        package let state: ServiceState
        package let connection: ClientConnection
        /// nil where it had no mark of its own.
        package let mark: LeaseMark?
    }

    package enum Refusal: Error { case badTimes, foreignInstance, hasEnded, full }

    private struct Deadline: Comparable {
        let time: Duration
        let id: String
        static func < (left: Deadline, right: Deadline) -> Bool { left.time < right.time }
        static func == (left: Deadline, right: Deadline) -> Bool { left.time == right.time }
    }

    private let limits: Limits
    private var clock: AttentiveClock
    private var instances: [String: ClientInstance] = [:]
    private var perIdentity: [String: Int] = [:]
    /// One for each instance that has one; it may be too early, never too late.
    private var deadlines = Heap<Deadline>()
    private var freeMarks = Array((0..<LeaseMark.count).reversed())
    private var counts: [ServiceState: Int] = [:]

    /// - Parameter interval: how often ``judge(at:)`` is meant to be called.
    package init(interval: Duration, limits: Limits = Limits()) {
        self.limits = limits
        clock = AttentiveClock(interval: interval)
    }

    /// How many are in each state.
    package var stateCounts: [ServiceState: Int] { counts.filter { $0.value > 0 } }

    // MARK: Beats

    /// Takes a beat.
    ///
    /// - Parameter now: on a clock that never jumps.
    package mutating func note(_ beat: Beat, at now: Duration) throws(Refusal) -> Held {
        let rules = beat.rules
        guard rules.heartbeatInterval > .zero, rules.timeout > rules.heartbeatInterval,
            rules.timeout <= limits.longestTime, rules.initialDelay >= .zero, rules.initialDelay <= limits.longestTime,
            rules.terminationGracePeriod >= .zero, rules.terminationGracePeriod <= limits.longestTime
        else { throw .badTimes }
        let time = clock.time(at: now)
        guard let known = instances[beat.id] else { return try register(beat, at: time, now) }
        guard known.identity == beat.identity else { throw .foreignInstance }
        return renew(beat, known, at: time, now)
    }

    private mutating func register(_ beat: Beat, at time: Duration, _ now: Duration) throws(Refusal) -> Held {
        guard !beat.state.hasEnded, beat.state != .disconnected else { throw .hasEnded }
        guard perIdentity[beat.identity] ?? 0 < limits.perIdentity else { throw .full }
        if instances.count >= limits.instances { forgetOneThatEnded() }
        guard instances.count < limits.instances else { throw .full }
        let mark = freeMarks.popLast().map(LeaseMark.init(index:))
        let instance = ClientInstance(
            connection: beat.connection,
            identity: beat.identity,
            type: beat.type,
            state: beat.state,
            rules: beat.rules,
            heardAt: time,
            stateSince: time,
            createdAt: time,
            mark: mark ?? .shared
        )
        instances[beat.id] = instance
        perIdentity[beat.identity, default: 0] += 1
        counts[beat.state, default: 0] += 1
        expect(instance, beat.id)
        return held(instance, at: now, isNews: true)
    }

    private mutating func renew(_ beat: Beat, _ known: ClientInstance, at time: Duration, _ now: Duration) -> Held {
        var instance = known
        guard known.state.mayBecome(beat.state), !known.state.hasEnded else {
            return held(instance, at: now, isNews: true)
        }
        let isNews = known.state != beat.state || known.connection != beat.connection
        let rulesChanged = known.rules != beat.rules
        instance.connection = beat.connection
        instance.rules = beat.rules
        instance.heardAt = time
        move(&instance, to: beat.state, at: time)
        let ended = endLeases(&instance, beat.id)
        instances[beat.id] = instance
        // While it only beats, the deadline that it has comes too early and is then looked at again.
        if known.state != beat.state || rulesChanged { expect(instance, beat.id) }
        let replaced = known.connection == beat.connection ? nil : known.connection
        return held(instance, at: now, isNews: isNews, replaced: replaced, ended: ended)
    }

    private func held(
        _ instance: ClientInstance,
        at now: Duration,
        isNews: Bool,
        replaced: ClientConnection? = nil,
        ended: Ended? = nil
    ) -> Held {
        return Held(
            state: instance.state,
            nextBeat: nextBeat(of: instance, at: now),
            mark: instance.mark ?? .shared,
            isNews: isNews,
            replaced: replaced,
            ended: ended
        )
    }

    /// Fewer beats of each where there are many, but always three within a time-out.
    private func nextBeat(of instance: ClientInstance, at now: Duration) -> Duration {
        let rules = instance.rules
        // In whole seconds, so that the moments of a connection do not move with each that comes or goes.
        let fairShare = Duration.seconds((instances.count + limits.beatsPerSecond - 1) / limits.beatsPerSecond)
        let longest = min(rules.timeout / 3, fairShare)
        guard longest > rules.heartbeatInterval else { return rules.heartbeatInterval }
        return BeatSchedule.wait(atMost: longest, on: instance.connection, at: now)
    }

    // MARK: Judgement

    /// Looks at everybody whose time has come.
    ///
    /// - Returns: the instances whose leases end now.
    package mutating func judge(at now: Duration) -> [Ended] {
        let (time, _) = clock.look(at: now)
        var ended: [Ended] = []
        while let first = deadlines.min, first.time < time {
            _ = deadlines.popMin()
            guard var instance = instances[first.id] else { continue }
            guard instance.deadline(limits) < time else {
                expect(instance, first.id)
                continue
            }
            guard let next = instance.verdict else {
                forget(first.id)
                continue
            }
            move(&instance, to: next, at: time)
            if let end = endLeases(&instance, first.id) { ended.append(end) }
            instances[first.id] = instance
            expect(instance, first.id)
        }
        forgetOldDeadlines()
        return ended
    }

    private mutating func move(_ instance: inout ClientInstance, to next: ServiceState, at time: Duration) {
        guard next != instance.state else { return }
        counts[instance.state, default: 0] -= 1
        counts[next, default: 0] += 1
        instance.state = next
        instance.stateSince = time
    }

    /// Takes its mark from an instance that holds nothing any more.
    private mutating func endLeases(_ instance: inout ClientInstance, _ id: String) -> Ended? {
        guard instance.holdsNothing, let mark = instance.mark else { return nil }
        instance.mark = nil
        return Ended(
            id: id,
            identity: instance.identity,
            state: instance.state,
            connection: instance.connection,
            mark: mark == .shared ? nil : mark
        )
    }

    /// Gives a mark to the next instance. To be called once no value carries it any more.
    package mutating func release(_ mark: LeaseMark) { freeMarks.append(mark.bits.trailingZeroBitCount) }

    // MARK: Room

    private mutating func expect(_ instance: ClientInstance, _ id: String) {
        deadlines.insert(Deadline(time: instance.deadline(limits), id: id))
    }

    /// Changes of state leave deadlines behind; they go before they outnumber the others.
    private mutating func forgetOldDeadlines() {
        guard deadlines.count > 1024, deadlines.count > 3 * instances.count else { return }
        let limits = limits
        deadlines = Heap(instances.map { id, instance in Deadline(time: instance.deadline(limits), id: id) })
    }

    private mutating func forget(_ id: String) {
        guard let gone = instances.removeValue(forKey: id) else { return }
        counts[gone.state, default: 0] -= 1
        let left = (perIdentity[gone.identity] ?? 0) - 1
        perIdentity[gone.identity] = left > 0 ? left : nil
        // It was never told to end, but nobody can beat for it any more.
        if let mark = gone.mark, mark != .shared { release(mark) }
    }

    private mutating func forgetOneThatEnded() {
        guard let id = instances.first(where: { $0.value.state.hasEnded })?.key else { return }
        forget(id)
    }
}
