/// How much a manager is asked, and what happens where it does not answer.
public struct BudgetRules: Sendable, Equatable {
    /// Calls under way at the same time; at least 1.
    public var concurrency = 32
    /// Calls that may wait for their turn.
    public var queueLimit = 1000
    /// Calls that are begun in a second, in the long run; nil for no bound.
    public var callsPerSecond: Double?
    /// Calls that may be begun at once after a pause; at least 1.
    public var burst = 100
    public var retries = RetryRules()
    public var breaker = BreakerRules()

    public init() {}
}

/// How often, and after which waits, a call is repeated.
public struct RetryRules: Sendable, Equatable {
    /// Tries after the first where the manager does not answer. Where it asks for fewer requests, it is asked again for as long as
    /// the caller waits.
    public var attempts = 0
    /// The longest wait before the first of them; what is waited is a random part of it.
    public var delay = Duration.seconds(1)
    /// By how much each wait may be longer than the one before.
    public var multiplier = 2.0
    /// The longest wait; nil for no bound.
    public var maximumDelay: Duration?
    /// Of what is left of the caller's time, no wait takes a larger part, so that several tries find room in it.
    private static let largestPart = 4
    /// No wait is bounded to less than this.
    private static let shortestBound = Duration.milliseconds(100)

    public init() {}

    /// How long to wait before a call that failed is made again; nil where it must not be.
    ///
    /// - Parameters:
    ///   - attempt: tries that have failed so far, at least 1.
    ///   - remaining: what is left of the caller's time.
    ///   - chance: between 0 and 1: each caller waits another part of the wait, so that they do not come back together.
    func wait(after failure: BackendError, attempt: Int, remaining: Duration, chance: Double) -> Duration? {
        let asked: Duration?
        switch failure {
        case .unavailable(_, let retryAfter):
            guard attempt <= attempts else { return nil }
            asked = retryAfter
        case .throttled(let retryAfter):
            guard attempts > 0 else { return nil }
            asked = retryAfter
        case .denied, .forbidden, .malformed, .readOnly, .unsupported, .conflict, .tooLarge, .memory: return nil
        }
        let bound = max(remaining / Self.largestPart, Self.shortestBound)
        let own = min(longest(attempt), bound) * chance
        // What the manager asks for is kept to, and spread a little too.
        let wait = asked.map { max($0 + own / 10, own) } ?? own
        return wait < remaining ? wait : nil
    }

    /// The longest wait before the next try.
    private func longest(_ attempt: Int) -> Duration {
        var longest = delay
        for _ in 1..<min(attempt, 64) {
            longest = longest * multiplier
            if longest > maximumDelay ?? .seconds(3600) { break }
        }
        return min(longest, maximumDelay ?? .seconds(3600))
    }
}

/// When a manager counts as away.
public struct BreakerRules: Sendable, Equatable {
    /// Failures in a row that open the breaker; 0: it never opens.
    public var failures = 0
    /// How long nobody asks then, at first; each further time twice as long.
    public var openFor = Duration.seconds(5)
    public var longestOpen = Duration.seconds(60)

    public init() {}
}
