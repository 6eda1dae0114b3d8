/// The moment at which a call is over, on a clock that nobody sets.
struct Deadline: Sendable {
    /// What the caller allowed.
    let duration: Duration
    private let end: ContinuousClock.Instant

    init(after duration: Duration) {
        self.duration = duration
        end = ContinuousClock.now + max(duration, .zero)
    }

    /// What is left; zero afterwards.
    var remaining: Duration { max(ContinuousClock.now.duration(to: end), .zero) }

    /// What is left, for poll(2): rounded up, so that it does not spin before the end.
    var pollTimeout: CInt { CInt(clamping: remaining.wholeMilliseconds) }

    var isOver: Bool { remaining == .zero }

    /// Milliseconds to allow the agent: a little less than is left, so that its own "too late" still arrives.
    var forAgent: UInt32 {
        let left = remaining
        return UInt32(clamping: max(1, (left - min(left / 10, .milliseconds(100))).wholeMilliseconds))
    }

    var error: ClientError { .timedOut(after: duration) }
}
