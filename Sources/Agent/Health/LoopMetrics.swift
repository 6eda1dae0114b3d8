internal import Synchronization

/// What a request was, for counting.
enum RequestMetric: Int, CaseIterable, Sendable {
    case get, batch, list, put, delete, whoami, explain, health, heartbeat, evict, unknown
}

/// How a request ended, for counting.
enum OutcomeMetric: Int, CaseIterable, Sendable {
    case hit, fresh, stale, notFound, denied, invalid, failed, cancelled, timedOut, done
}

/// One loop's counters. Written by the loop alone, read by whoever asks: relaxed order is enough.
final class LoopMetrics: Sendable {
    /// Upper bounds of the latency histogram's buckets, in microseconds; what is slower falls into one more.
    static let latencyBounds: [Int64] = [
        5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 50_000, 250_000, 1_000_000, 10_000_000,
    ]

    /// A constant, where the list of all cases would be made anew for each request.
    private static let outcomeCount = OutcomeMetric.done.rawValue + 1

    private let requests = InlineArray<110, Atomic<UInt64>> { _ in Atomic(0) }
    private let latency = InlineArray<16, Atomic<UInt64>> { _ in Atomic(0) }
    private let latencySum = Atomic<UInt64>(0)
    let connections = Atomic<Int>(0)
    /// Connections that the door has handed over and the loop has not taken up yet.
    let arriving = Atomic<Int>(0)
    let pending = Atomic<Int>(0)
    let turns = Atomic<UInt64>(0)
    /// When the loop last came round, in nanoseconds of CLOCK_BOOTTIME.
    let lastTurn = Atomic<Int64>(0)
    /// The longest time a turn took, in nanoseconds.
    let longestTurn = Atomic<Int64>(0)

    func count(_ request: RequestMetric, _ outcome: OutcomeMetric, nanoseconds: Int64) {
        Self.add(1, to: requests[request.rawValue * Self.outcomeCount + outcome.rawValue])
        let microseconds = nanoseconds / 1000
        var bucket = 0
        while bucket < Self.latencyBounds.count, microseconds > Self.latencyBounds[bucket] { bucket += 1 }
        Self.add(1, to: latency[bucket])
        Self.add(UInt64(max(0, nanoseconds)), to: latencySum)
    }

    /// There is one writer, so that two plain moves do instead of an instruction that locks the bus.
    private static func add(_ count: UInt64, to counter: borrowing Atomic<UInt64>) {
        counter.store(counter.load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }

    func requestCount(_ request: RequestMetric, _ outcome: OutcomeMetric) -> UInt64 {
        requests[request.rawValue * Self.outcomeCount + outcome.rawValue].load(ordering: .relaxed)
    }

    func latencyCount(bucket: Int) -> UInt64 { latency[bucket].load(ordering: .relaxed) }
    var latencyNanoseconds: UInt64 { latencySum.load(ordering: .relaxed) }
}
