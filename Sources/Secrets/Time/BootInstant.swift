internal import CLinux
internal import Glibc

/// A point on CLOCK_BOOTTIME, in nanoseconds: it never jumps with the wall clock, and time spent suspended counts, so that a
/// value does not outlive its deadline in a sleeping machine.
public struct BootInstant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the machine started.
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Later than any deadline.
    public static let distantFuture = BootInstant(nanoseconds: .max)

    /// The time now.
    public static var now: BootInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return BootInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    public static func < (left: BootInstant, right: BootInstant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The point `nanoseconds` later, or earlier where they are negative; never beyond ``distantFuture``.
    public func advanced(by nanoseconds: Int64) -> BootInstant {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return BootInstant(nanoseconds: overflow ? (nanoseconds < 0 ? .min : .max) : sum)
    }

    /// The point `duration` later.
    public func advanced(by duration: Duration) -> BootInstant { advanced(by: duration.nanoseconds) }

    /// Nanoseconds from `earlier` to this point; negative where it lies behind; at most what fits.
    public func nanoseconds(since earlier: BootInstant) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (nanoseconds < 0 ? .min : .max) : difference
    }
}

extension Duration {
    /// Whole nanoseconds, between `Int64.min` and `Int64.max`.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let limit: Int64 = seconds < 0 ? .min : .max
        if overflow { return limit }
        let (sum, isBeyond) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return isBeyond ? limit : sum
    }
}
