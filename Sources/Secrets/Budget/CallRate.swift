/// A token bucket without a timer: each call is told how long it has to wait for its token.
struct CallRate: Sendable {
    /// Nanoseconds in which one token comes; nil for as many as are wanted.
    private let interval: Double?
    private let burst: Double
    /// When the bucket would be full again, in nanoseconds.
    private var fullAt = 0.0

    init(callsPerSecond: Double?, burst: Int) {
        interval = callsPerSecond.map { 1_000_000_000 / $0 }
        self.burst = Double(max(1, burst))
    }

    /// How long a call of now would have to wait.
    func wait(at now: BootInstant) -> Duration {
        guard let interval else { return .zero }
        let free = max(fullAt, Double(now.nanoseconds)) - interval * (burst - 1)
        return .nanoseconds(Int64(max(0, free - Double(now.nanoseconds))))
    }

    /// Takes the token of a call.
    mutating func take(at now: BootInstant) {
        guard let interval else { return }
        fullAt = max(fullAt, Double(now.nanoseconds)) + interval
    }
}
