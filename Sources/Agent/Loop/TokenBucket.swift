package import Secrets

/// Lets so many things happen a second, and a burst of as many as were saved up.
package struct TokenBucket: Sendable {
    private let perSecond: Int64
    private let burst: Int64
    /// In billionths of a token, so that a nanosecond's share is a whole number.
    private var level: Int64
    private var last: BootInstant

    /// - Parameters:
    ///   - perSecond: 1 to 1,000,000.
    ///   - burst: 1 to 1,000,000.
    package init(perSecond: Int, burst: Int, now: BootInstant) {
        self.perSecond = Int64(min(max(perSecond, 1), 1_000_000))
        self.burst = Int64(min(max(burst, 1), 1_000_000)) * 1_000_000_000
        level = self.burst
        last = now
    }

    /// - Returns: whether there was a token to take.
    package mutating func take(at now: BootInstant) -> Bool {
        // A clock that stands still or was long away adds nothing, or fills the bucket; never more.
        let elapsed = min(max(0, now.nanoseconds(since: last)), 1_000_000_000_000)
        last = now
        let (gained, overflow) = elapsed.multipliedReportingOverflow(by: perSecond)
        level = overflow ? burst : min(burst, level + gained)
        guard level >= 1_000_000_000 else { return false }
        level -= 1_000_000_000
        return true
    }

    /// Nanoseconds until there is a token again; 0 where there is one.
    package var wait: Int64 { max(0, (1_000_000_000 - level) / perSecond) }
}
