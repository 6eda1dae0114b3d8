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
    /// Tries after the first.
    public var attempts = 0
    /// The longest wait before the first of them; what is waited is a random part of it.
    public var delay = Duration.seconds(1)
    /// By how much each wait may be longer than the one before.
    public var multiplier = 2.0
    /// The longest wait; nil for no bound.
    public var maximumDelay: Duration?

    public init() {}

    /// How long to wait before a call that failed is made again; nil where it must not be.
    ///
    /// - Parameters:
    ///   - attempt: tries that have failed so far, at least 1.
    ///   - chance: between 0 and 1: each caller waits another part of the wait, so that they do not come back together.
    func wait(after failure: BackendError, attempt: Int, chance: Double) -> Duration? {
        guard attempt <= attempts else { return nil }
        let asked: Duration?
        switch failure {
        case .unavailable(_, let retryAfter): asked = retryAfter
        case .throttled(let retryAfter): asked = retryAfter
        case .denied, .forbidden, .malformed, .readOnly, .unsupported, .conflict, .tooLarge, .memory: return nil
        }
        var longest = delay
        for _ in 1..<attempt {
            longest = longest * multiplier
            if let maximumDelay, longest > maximumDelay { break }
        }
        if let maximumDelay { longest = min(longest, maximumDelay) }
        let own = longest * chance
        // What the manager asks for is kept to, and spread a little too.
        return asked.map { max($0 + own / 10, own) } ?? own
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
