internal import Secrets
internal import Synchronization
internal import Wire

/// One loop's counters. Written by the loop alone, read by whoever asks: relaxed order is enough.
final class LoopMetrics: Sendable {
    /// Upper bounds of the latency histogram's buckets, in microseconds; what is slower falls into one more.
    static let latencyBounds: [Int64] = [
        5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 50_000, 250_000, 1_000_000, 10_000_000,
    ]

    /// Constants, where the lists of all cases would be made anew for each request.
    private static let outcomeCount = OutcomeMetric.done.rawValue + 1
    private static let bucketCount = 16

    private let requests = InlineArray<110, Atomic<UInt64>> { _ in Atomic(0) }
    /// Of each kind of request, a bucket after the other.
    private let latency = InlineArray<176, Atomic<UInt64>> { _ in Atomic(0) }
    private let latencySum = InlineArray<11, Atomic<UInt64>> { _ in Atomic(0) }
    private let denials = InlineArray<6, Atomic<UInt64>> { _ in Atomic(0) }
    private let services = InlineArray<8, Atomic<UInt64>> { _ in Atomic(0) }
    let connections = Atomic<Int>(0)
    /// Connections that the door has handed over and the loop has not taken up yet.
    let arriving = Atomic<Int>(0)
    let pending = Atomic<Int>(0)
    /// Turns in which something was done, and how long all of them took, in nanoseconds.
    let turns = Atomic<UInt64>(0)
    let busy = Atomic<UInt64>(0)
    /// When the loop last came round, in nanoseconds of CLOCK_BOOTTIME.
    let lastTurn = Atomic<Int64>(0)
    /// The longest time a turn took, in nanoseconds.
    let longestTurn = Atomic<Int64>(0)

    // MARK: The loop's side

    func count(_ request: RequestMetric, _ outcome: OutcomeMetric, nanoseconds: Int64) {
        Self.add(1, to: requests[request.rawValue * Self.outcomeCount + outcome.rawValue])
        let microseconds = nanoseconds / 1000
        var bucket = 0
        while bucket < Self.latencyBounds.count, microseconds > Self.latencyBounds[bucket] { bucket += 1 }
        Self.add(1, to: latency[request.rawValue * Self.bucketCount + bucket])
        Self.add(UInt64(max(0, nanoseconds)), to: latencySum[request.rawValue])
    }

    func countDenial(_ refusal: Decision.Refusal) {
        if let index = Decision.Refusal.allCases.firstIndex(of: refusal) { Self.add(1, to: denials[index]) }
    }

    /// Counts a refusal that may be a denial.
    ///
    /// - Returns: how the request ended.
    func countRefusal(_ failure: RequestFailure) -> OutcomeMetric {
        guard let refusal = Decision.Refusal(rawValue: failure.reason.rawValue) else { return .invalid }
        countDenial(refusal)
        return .denied
    }

    /// Counts a connection under another kind of peer; nil is outside.
    func move(from old: ServiceMetric?, to new: ServiceMetric?) {
        if let old { Self.add(.max, to: services[old.rawValue]) }
        if let new { Self.add(1, to: services[new.rawValue]) }
    }

    func noteTurn(nanoseconds: Int64) {
        Self.add(1, to: turns)
        Self.add(UInt64(max(0, nanoseconds)), to: busy)
        if nanoseconds > longestTurn.load(ordering: .relaxed) { longestTurn.store(nanoseconds, ordering: .relaxed) }
    }

    /// There is one writer, so that two plain moves do instead of an instruction that locks the bus.
    private static func add(_ count: UInt64, to counter: borrowing Atomic<UInt64>) {
        counter.store(counter.load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }

    // MARK: The readers' side

    func requestCount(_ request: RequestMetric, _ outcome: OutcomeMetric) -> UInt64 {
        requests[request.rawValue * Self.outcomeCount + outcome.rawValue].load(ordering: .relaxed)
    }

    func latencyCount(_ request: RequestMetric, bucket: Int) -> UInt64 {
        latency[request.rawValue * Self.bucketCount + bucket].load(ordering: .relaxed)
    }

    func latencyNanoseconds(_ request: RequestMetric) -> UInt64 {
        latencySum[request.rawValue].load(ordering: .relaxed)
    }

    func denialCount(_ refusal: Decision.Refusal) -> UInt64 {
        Decision.Refusal.allCases.firstIndex(of: refusal).map { denials[$0].load(ordering: .relaxed) } ?? 0
    }

    /// Connections whose peer is of this kind.
    func connectionCount(_ service: ServiceMetric) -> UInt64 { services[service.rawValue].load(ordering: .relaxed) }
}

/// All loops together.
struct LoopTotals {
    let loops: [LoopMetrics]

    func sum(_ value: (LoopMetrics) -> UInt64) -> UInt64 { loops.reduce(0) { $0 &+ value($1) } }
    func sum(_ value: (LoopMetrics) -> Int) -> Int { loops.reduce(0) { $0 + value($1) } }

    func requests(_ request: RequestMetric, _ outcome: OutcomeMetric) -> UInt64 {
        sum { $0.requestCount(request, outcome) }
    }

    /// Of all kinds of requests.
    func requests(_ outcome: OutcomeMetric) -> UInt64 {
        RequestMetric.allCases.reduce(0) { $0 + requests($1, outcome) }
    }

    func latency(_ request: RequestMetric) -> [UInt64] {
        (0...LoopMetrics.latencyBounds.count).map { bucket in sum { $0.latencyCount(request, bucket: bucket) } }
    }

    var turns: UInt64 { sum { $0.turns.load(ordering: .relaxed) } }
    var connections: Int { sum { $0.connections.load(ordering: .relaxed) } }
    var longestTurn: Int64 { loops.map { $0.longestTurn.load(ordering: .relaxed) }.max() ?? 0 }

    var counters: RecentRequests.Counters {
        let requests = OutcomeMetric.allCases.reduce(UInt64(0)) { $0 + self.requests($1) }
        return RecentRequests.Counters(requests: requests, latency: latency(.get))
    }
}
