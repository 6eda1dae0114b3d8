internal import Secrets

/// What was asked in about the last minute, out of counters that only grow.
struct RecentRequests: Sendable {
    /// Counters at one moment, since the start.
    struct Counters: Sendable, Equatable {
        var requests: UInt64 = 0
        /// Of reads of one secret, by the buckets of ``LoopMetrics/latencyBounds``.
        var latency = [UInt64](repeating: 0, count: LoopMetrics.latencyBounds.count + 1)
    }

    /// How often the counters are kept.
    static let step: Duration = .seconds(5)
    /// How many of them: a minute's.
    static let limit = 13

    private var kept: [(at: BootInstant, counters: Counters)] = []

    func isDue(at now: BootInstant) -> Bool {
        guard let last = kept.last else { return true }
        return now >= last.at.advanced(by: Self.step)
    }

    mutating func keep(_ counters: Counters, at now: BootInstant) {
        if kept.count == Self.limit { kept.removeFirst() }
        kept.append((now, counters))
    }

    /// What came since the oldest that is kept.
    ///
    /// - Returns: nil where none is kept yet.
    func since(_ counters: Counters, at now: BootInstant) -> (counters: Counters, nanoseconds: Int64)? {
        guard let first = kept.first, now > first.at else { return nil }
        var difference = counters
        difference.requests &-= first.counters.requests
        for index in difference.latency.indices { difference.latency[index] &-= first.counters.latency[index] }
        return (difference, now.nanoseconds(since: first.at))
    }
}

extension [UInt64] {
    /// The bucket within which this part of all lies, counted from the first; nil where all are empty.
    func bucket(of part: Double) -> Int? {
        let all = reduce(0, +)
        guard all > 0 else { return nil }
        let rank = UInt64((Double(all) * part).rounded(.up))
        var seen: UInt64 = 0
        for (index, count) in enumerated() {
            seen += count
            if seen >= rank { return index }
        }
        return count - 1
    }
}
