internal import Glibc

/// The clocks at one moment, in nanoseconds.
struct ClockReading: Sendable, Equatable {
    /// CLOCK_BOOTTIME, which goes on in a sleeping machine.
    let boot: Int64
    /// CLOCK_MONOTONIC, which does not.
    let monotonic: Int64
    /// CLOCK_REALTIME, since 1970, which people and time servers set.
    let wall: Int64

    /// Whoever is interrupted between two clocks for longer than this reads them again.
    private static let tolerance: Int64 = 1_000_000

    /// - Returns: nil where the thread was interrupted each time.
    static func now() -> ClockReading? {
        for _ in 0..<5 {
            let boot = read(CLOCK_BOOTTIME)
            let reading = ClockReading(boot: boot, monotonic: read(CLOCK_MONOTONIC), wall: read(CLOCK_REALTIME))
            if read(CLOCK_BOOTTIME) - boot < tolerance { return reading }
        }
        return nil
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Notices that the wall clock was set, and that the machine slept. Values live by the boot clock and do not mind; certificates
/// and the times in the audit do. Driven by readings, so that tests need no clock.
struct ClockWatch: Sendable {
    /// A smaller step is drift, as a time server's gentle corrections are.
    static let jumpLimit: Int64 = 100_000_000

    enum Event: Sendable, Equatable {
        /// Nanoseconds forward; negative: back.
        case jump(Int64)
        /// Nanoseconds slept.
        case suspend(Int64)
    }

    private(set) var jumps: UInt64 = 0
    /// The last one, in nanoseconds; negative: back.
    private(set) var lastJump: Int64 = 0
    /// What the wall clock showed after it, in milliseconds since 1970.
    private(set) var lastJumpAt: Int64?
    private(set) var suspends: UInt64 = 0
    /// All of them together, in nanoseconds.
    private(set) var suspended: Int64 = 0
    /// How far the wall clock has moved against the boot clock since the first reading, in nanoseconds.
    private(set) var drift: Int64 = 0

    private var last: ClockReading?

    /// - Returns: what happened since the reading before.
    mutating func look(_ reading: ClockReading) -> [Event] {
        defer { last = reading }
        guard let last else { return [] }
        var events: [Event] = []
        let elapsed = reading.boot - last.boot
        let slept = elapsed - (reading.monotonic - last.monotonic)
        if slept >= Self.jumpLimit {
            suspends += 1
            suspended += slept
            events.append(.suspend(slept))
        }
        let step = reading.wall - last.wall - elapsed
        drift += step
        if abs(step) >= Self.jumpLimit {
            jumps += 1
            lastJump = step
            lastJumpAt = reading.wall / 1_000_000
            events.append(.jump(step))
        }
        return events
    }
}
