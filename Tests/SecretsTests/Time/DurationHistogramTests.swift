import Testing

@testable import Secrets

@Suite("A duration histogram")
struct DurationHistogramTests {
    @Test("a bound belongs to its bucket, and what is beyond all has one of its own")
    func buckets() {
        var histogram = DurationHistogram(bounds: [10, 100])
        for nanoseconds: Int64 in [-5, 0, 10, 11, 100, 101, .max] { histogram.record(nanoseconds) }
        #expect(histogram.counts == [3, 2, 2])
    }

    @Test("two of them add up")
    func sum() {
        var one = DurationHistogram(bounds: [10, 100])
        var other = one
        one.record(5)
        other.record(50)
        other.record(500)
        one.add(other)
        #expect(one.counts == [1, 1, 1])
        #expect(one.sumNanoseconds == 555)
    }
}
