/// How often something took how long.
public struct DurationHistogram: Sendable, Equatable {
    /// Upper bounds of the buckets, in nanoseconds, ascending; what is longer falls into one more.
    public let bounds: [Int64]
    /// One more than ``bounds``; not cumulative.
    public private(set) var counts: [UInt64]
    public private(set) var sumNanoseconds: Int64 = 0

    public init(bounds: [Int64]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    /// - Parameter nanoseconds: negative counts as 0.
    public mutating func record(_ nanoseconds: Int64) {
        counts[bounds.firstIndex { nanoseconds <= $0 } ?? bounds.count] += 1
        sumNanoseconds = sumNanoseconds.addingReportingOverflow(max(0, nanoseconds)).partialValue
    }

    /// Adds what another one with the same bounds has counted.
    public mutating func add(_ other: DurationHistogram) {
        precondition(bounds == other.bounds, "histograms of different bounds cannot be added")
        for index in counts.indices { counts[index] += other.counts[index] }
        sumNanoseconds += other.sumNanoseconds
    }
}
