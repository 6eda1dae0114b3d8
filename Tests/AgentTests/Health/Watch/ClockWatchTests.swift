import Testing

@testable import Agent

@Suite("Clock watch")
struct ClockWatchTests {
    private static let second: Int64 = 1_000_000_000

    /// Readings that begin somewhere in 2026 and go on as a test says.
    private struct Clocks {
        var reading = ClockReading(boot: 500_000_000_000, monotonic: 400_000_000_000, wall: 1_790_000_000_000_000_000)

        mutating func advance(_ seconds: Int64, slept: Int64 = 0, jump: Int64 = 0) -> ClockReading {
            reading = ClockReading(
                boot: reading.boot + seconds * second + slept,
                monotonic: reading.monotonic + seconds * second,
                wall: reading.wall + seconds * second + slept + jump
            )
            return reading
        }
    }

    @Test func `clocks that go on together are no event`() {
        var watch = ClockWatch()
        var clocks = Clocks()
        for _ in 0..<1000 { #expect(watch.look(clocks.advance(1)).isEmpty) }
        #expect(watch.jumps == 0 && watch.suspends == 0 && watch.drift == 0)
    }

    @Test("a step is counted with its direction", arguments: [3_600_000, 100, -100, -86_400_000])
    func jump(milliseconds: Int64) {
        var watch = ClockWatch()
        var clocks = Clocks()
        _ = watch.look(clocks.advance(1))
        let after = clocks.advance(1, jump: milliseconds * 1_000_000)
        #expect(watch.look(after) == [.jump(milliseconds * 1_000_000)])
        #expect(watch.jumps == 1)
        #expect(watch.lastJump == milliseconds * 1_000_000)
        #expect(watch.lastJumpAt == after.wall / 1_000_000)
        #expect(watch.look(clocks.advance(1)).isEmpty)
        #expect(watch.suspends == 0)
    }

    @Test func `a time server's gentle correction is drift and no jump`() {
        var watch = ClockWatch()
        var clocks = Clocks()
        _ = watch.look(clocks.advance(1))
        // 500 millionths, the most that the kernel slews.
        for _ in 0..<1000 { #expect(watch.look(clocks.advance(1, jump: 500_000)).isEmpty) }
        #expect(watch.jumps == 0)
        #expect(watch.drift == 500_000_000)
    }

    @Test func `sleep is no jump, because the wall clock goes on with the boot clock`() {
        var watch = ClockWatch()
        var clocks = Clocks()
        _ = watch.look(clocks.advance(1))
        #expect(watch.look(clocks.advance(1, slept: 7200 * Self.second)) == [.suspend(7200 * Self.second)])
        #expect(watch.look(clocks.advance(1, slept: 60 * Self.second)) == [.suspend(60 * Self.second)])
        #expect(watch.suspends == 2)
        #expect(watch.suspended == 7260 * Self.second)
        #expect(watch.jumps == 0)
    }

    @Test func `a clock that was set while the machine slept is both`() {
        var watch = ClockWatch()
        var clocks = Clocks()
        _ = watch.look(clocks.advance(1))
        let events = watch.look(clocks.advance(1, slept: 60 * Self.second, jump: -5 * Self.second))
        #expect(events == [.suspend(60 * Self.second), .jump(-5 * Self.second)])
    }

    @Test func `the machine's own clocks can be read together`() throws {
        let first = try #require(ClockReading.now())
        let second = try #require(ClockReading.now())
        #expect(second.boot >= first.boot && second.monotonic >= first.monotonic)
        #expect(first.wall > 1_700_000_000_000_000_000)
    }
}
