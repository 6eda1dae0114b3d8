internal import Wire

/// Decides whether a call is made again on a new connection, so that the restart of an agent costs a caller a moment and no
/// failure.
///
/// An agent that ends says SHUTTING_DOWN on connections that it has, and cuts handshakes that are under way. What was not sent
/// may always be sent again; what was sent, only if it does no harm to carry it out twice.
struct Retries {
    /// New connections that one call may make. With the pauses between them that takes about four seconds.
    static let connections = 14
    /// How often a call is made again of which it is not known whether it was carried out. One that ends each connection must
    /// not go on doing so.
    static let repetitions = 2
    /// The pause before the first new connection, which doubles each time.
    static let firstPause = Duration.milliseconds(10)
    static let longestPause = Duration.milliseconds(500)

    /// Whether it does no harm to carry the call out twice.
    private let isRepeatable: Bool
    private var connections = 0
    private var repetitions = 0
    /// Whether there was an agent just now, so that one that is absent is likely to come back.
    private var wasServed: Bool

    /// - Parameter wasServed: whether a connection was there that has ended.
    init(repeatable: Bool, wasServed: Bool = false) {
        isRepeatable = repeatable
        self.wasServed = wasServed
    }

    /// - Parameters:
    ///   - wasKept: whether the connection had served a call before, so that its end may have had nothing to do with this one.
    ///   - chance: 0 to 1; takes callers apart who were all sent away at once.
    /// - Returns: how long to wait before the next connection; nil where there is to be none.
    mutating func pause(
        after failure: ChannelFailure,
        wasKept: Bool = false,
        chance: Double = .random(in: 0...1)
    ) -> Duration? {
        switch failure {
        case .final: return nil
        case .absent: guard wasServed else { return nil }
        case .lost(let error, let sent):
            guard !sent || isRepeatable else { return nil }
            var isStopping = false
            if case .refused(let refusal) = error {
                isStopping = refusal.reason == .shuttingDown
                guard isStopping || wasKept || refusal.reason == .idle else { return nil }
            }
            wasServed = true
            if sent, !isStopping { repetitions += 1 }
        }
        connections += 1
        guard connections <= Self.connections, repetitions <= Self.repetitions else { return nil }
        if wasKept { return .zero }
        let doubled = Self.firstPause * (1 << min(connections - 1, 10))
        return min(doubled, Self.longestPause) * (0.5 + chance / 2)
    }
}
