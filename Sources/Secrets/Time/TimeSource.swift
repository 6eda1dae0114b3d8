internal import CLinux
internal import Glibc

/// Where the time comes from and how to wait for it, so that tests can let hours pass in a moment.
public struct TimeSource: Sendable {
    /// The time that deadlines are measured with.
    public let now: @Sendable () -> BootInstant
    /// The wall clock, in milliseconds since 1970: only for what others measure with it.
    public let wall: @Sendable () -> Int64
    /// Waits this long, or until the task is cancelled.
    public let sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> BootInstant,
        wall: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.wall = wall
        self.sleep = sleep
    }

    /// The machine's own clocks.
    public static let system = TimeSource(
        now: { .now },
        wall: {
            var time = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        },
        sleep: { try await Task.sleep(for: $0) }
    )
}
