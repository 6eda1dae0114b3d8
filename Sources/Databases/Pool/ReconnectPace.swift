/// When the next attempt to connect may be made, after some have failed. All threads of a pool share one, so that a server
/// that is down, or a password that is wrong, is not tried again and again by each of them.
struct ReconnectPace {
    static let first: Duration = .milliseconds(100)
    static let longest: Duration = .seconds(5)

    private var failures = 0
    private var next: ContinuousClock.Instant?
    private var lastError: DatabaseError?

    /// Why no attempt is to be made now; nil where one may be.
    func refusal(at now: ContinuousClock.Instant) -> DatabaseError? {
        guard let next, let lastError, now < next else { return nil }
        return lastError
    }

    /// - Parameter chance: from 0 to 1; spreads the attempts of many nodes.
    mutating func failed(_ error: DatabaseError, at now: ContinuousClock.Instant, chance: Double) {
        let delay = min(Self.first * (1 << min(failures, 10)), Self.longest)
        failures += 1
        next = now.advanced(by: delay * (0.75 + chance / 2))
        lastError = error
    }

    mutating func succeeded() { self = ReconnectPace() }
}
