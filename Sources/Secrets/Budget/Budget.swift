internal import SecretMemory
internal import Synchronization

/// What stands between callers and one manager: how many calls, how fast, how often again, and whether at all.
public final class Budget: Sendable {
    /// How a call may be repeated.
    public enum Kind: Sendable {
        /// Changes nothing, so it may be made again.
        case read
        /// A read that has something to fall back on, so that one try is enough.
        case impatientRead
        /// Made again only where the manager said that it did nothing.
        case write
    }

    /// How the manager has been, for people and for metrics.
    public struct Condition: Sendable {
        /// `closed`, `open` or `half open`.
        public let breaker: String
        public let isOpen: Bool
        /// Whether the last call went wrong for a reason that is the manager's or the agent's own.
        public let isFailing: Bool
        /// What was wrong with it; nothing of what was asked for.
        public let lastTrouble: BackendError?
        public let lastSuccess: BootInstant?
        public let lastFailure: BootInstant?
        public let calls: UInt64
        public let failures: UInt64
        public let retries: UInt64
        /// Calls that were not made because the breaker was open, or too many waited.
        public let refused: UInt64
        public let waiting: Int
        /// How long calls took, those that failed included; not how long they waited for their turn.
        public let durations: DurationHistogram
    }

    private struct State: Sendable {
        var breaker: Breaker
        var rate: CallRate
        var isFailing = false
        var lastTrouble: BackendError?
        var lastSuccess: BootInstant?
        var lastFailure: BootInstant?
        var calls: UInt64 = 0
        var failures: UInt64 = 0
        var retries: UInt64 = 0
        var refused: UInt64 = 0
        var durations = DurationHistogram(bounds: Budget.durationBounds)
    }

    /// Of how long calls take, in nanoseconds.
    static let durationBounds: [Int64] = [
        1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
    ].map { $0 * 1_000_000 }

    private let rules: BudgetRules
    private let time: TimeSource
    private let report: @Sendable (BackendError) -> Void
    private let queue: CallQueue
    private let state: Mutex<State>

    /// - Parameter report: is told of each call that went wrong for a reason that an operator should know.
    public init(
        _ rules: BudgetRules = BudgetRules(),
        time: TimeSource = .system,
        report: @escaping @Sendable (BackendError) -> Void = { _ in }
    ) {
        self.rules = rules
        self.time = time
        self.report = report
        queue = CallQueue(concurrency: rules.concurrency, limit: rules.queueLimit)
        state = Mutex(
            State(
                breaker: Breaker(rules.breaker),
                rate: CallRate(callsPerSecond: rules.callsPerSecond, burst: rules.burst)
            )
        )
    }

    /// Makes a call, and makes it again as the rules say.
    ///
    /// - Parameter deadline: nothing is waited for beyond it. A call that is under way then is the caller's to cancel.
    public func run<Success: ~Copyable>(
        _ kind: Kind,
        until deadline: BootInstant,
        _ call: () async throws(BackendError) -> Success
    ) async throws(BackendError) -> Success {
        var attempt = 0
        while true {
            attempt += 1
            let failure: BackendError
            do throws(BackendError) { return try await once(until: deadline, call) } catch { failure = error }
            let remaining = Duration.nanoseconds(deadline.nanoseconds(since: time.now()))
            guard !Task.isCancelled, let wait = wait(kind, after: failure, attempt, remaining) else { throw failure }
            state.withLock { $0.retries += 1 }
            do { try await time.sleep(wait) } catch { throw failure }
        }
    }

    private func wait(
        _ kind: Kind,
        after failure: BackendError,
        _ attempt: Int,
        _ remaining: Duration
    ) -> Duration? {
        switch (kind, failure) {
        case (.impatientRead, _): return nil
        // Whether a write arrived that was not answered, nobody knows; one that was throttled did not.
        case (.write, .unavailable): return nil
        default:
            let chance = Double.random(in: 0...1)
            return rules.retries.wait(after: failure, attempt: attempt, remaining: remaining, chance: chance)
        }
    }

    private func once<Success: ~Copyable>(
        until deadline: BootInstant,
        _ call: () async throws(BackendError) -> Success
    ) async throws(BackendError) -> Success {
        guard await queue.enter() else {
            state.withLock { $0.refused += 1 }
            throw Task.isCancelled ? Self.givenUp : .throttled()
        }
        defer {
            queue.leave()
            // Whatever the manager answered passed through this thread's stack and registers.
            Hardening.scrubStack()
        }
        try await takeToken(until: deadline)
        try admit()
        let start = time.now()
        do throws(BackendError) {
            let success = try await call()
            note(nil, since: start)
            return success
        } catch {
            note(error, since: start)
            throw error
        }
    }

    /// Waits until the rate allows another call.
    private func takeToken(until deadline: BootInstant) async throws(BackendError) {
        while true {
            let now = time.now()
            let wait = state.withLock { state in
                let wait = state.rate.wait(at: now)
                if wait == .zero { state.rate.take(at: now) }
                return wait
            }
            guard wait > .zero else { return }
            guard now.advanced(by: wait) < deadline else {
                state.withLock { $0.refused += 1 }
                throw .throttled(retryAfter: wait)
            }
            do { try await time.sleep(wait) } catch { throw Self.givenUp }
        }
    }

    private func admit() throws(BackendError) {
        let now = time.now()
        let refusal: BackendError? = state.withLock { state in
            switch state.breaker.admit(at: now) {
            case .go:
                state.calls += 1
                return nil
            case .refused(let wait):
                state.refused += 1
                return .unavailable(detail: "it did not answer again and again, and is left alone", retryAfter: wait)
            }
        }
        if let refusal { throw refusal }
    }

    private func note(_ failure: BackendError?, since start: BootInstant) {
        let now = time.now()
        let isGivenUp = Task.isCancelled && failure != nil
        state.withLock { state in
            state.durations.record(now.nanoseconds(since: start))
            guard !isGivenUp else { return state.breaker.giveUp() }
            // An answer, whatever it says, shows that the manager is there; only what is unreachable opens the breaker.
            var isAway = false
            if case .unavailable = failure { isAway = true }
            state.breaker.record(isFailure: isAway, at: now)
            guard let failure, failure.isTrouble else {
                state.isFailing = false
                state.lastSuccess = now
                return
            }
            state.isFailing = true
            state.failures += 1
            state.lastTrouble = failure
            state.lastFailure = now
        }
        if let failure, !isGivenUp, failure.concernsOperator { report(failure) }
    }

    private static let givenUp = BackendError.unavailable(detail: "the caller gave up")

    /// How the manager has been so far.
    public var condition: Condition {
        let waiting = queue.waitingCount
        return state.withLock { state in
            Condition(
                breaker: state.breaker.state.rawValue,
                isOpen: state.breaker.state != .closed,
                isFailing: state.isFailing,
                lastTrouble: state.lastTrouble,
                lastSuccess: state.lastSuccess,
                lastFailure: state.lastFailure,
                calls: state.calls,
                failures: state.failures,
                retries: state.retries,
                refused: state.refused,
                waiting: waiting,
                durations: state.durations
            )
        }
    }
}
