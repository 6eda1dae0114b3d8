import Testing

@testable import Agent
@testable import Secrets

@Suite("Recent requests")
struct RecentRequestsTests {
    private static func at(_ seconds: Int64) -> BootInstant {
        BootInstant(nanoseconds: (1000 + seconds) * 1_000_000_000)
    }

    private static func counters(_ requests: UInt64) -> RecentRequests.Counters {
        var counters = RecentRequests.Counters(requests: requests)
        counters.latency[2] = requests
        return counters
    }

    @Test func `counters are kept each five seconds, and what came in the last minute is their difference`() {
        var recent = RecentRequests()
        #expect(recent.since(Self.counters(5), at: Self.at(0)) == nil)
        for second in Int64(0)...300 where recent.isDue(at: Self.at(second)) {
            #expect(second % 5 == 0)
            recent.keep(Self.counters(UInt64(second) * 10), at: Self.at(second))
        }
        let since = recent.since(Self.counters(3020), at: Self.at(302))
        #expect(since?.nanoseconds == 62_000_000_000)
        #expect(since?.counters.requests == 620)
        #expect(since?.counters.latency[2] == 620)
        #expect(since?.counters.latency[3] == 0)
    }

    @Test(
        arguments: [
            ([0, 0, 0], 0.5, nil), ([1, 0, 0], 0.99, 0), ([50, 50, 0], 0.5, 0), ([50, 50, 0], 0.51, 1),
            ([99, 0, 1], 0.99, 0), ([98, 0, 2], 0.99, 2), ([0, 0, 7], 0.01, 2),
        ] as [([UInt64], Double, Int?)]
    )
    func `a quantile lies in the bucket that holds its rank`(counts: [UInt64], part: Double, bucket: Int?) {
        #expect(counts.bucket(of: part) == bucket)
    }
}
