import Testing

@testable import Agent
@testable import Secrets

@Suite("Stall watch")
struct StallWatchTests {
    private static let start = BootInstant(nanoseconds: 1_000_000_000_000)

    private static func at(_ milliseconds: Int64) -> BootInstant { start.advanced(by: .milliseconds(milliseconds)) }

    /// Ticks twice a second while the threads come round, except the first, which is silent between these times.
    private static func run(
        _ watch: inout StallWatch,
        until end: Int64,
        silent: ClosedRange<Int64>? = nil
    ) -> [StallWatch.Stall] {
        var begun: [StallWatch.Stall] = []
        for time in stride(from: Int64(0), through: end, by: 500) {
            let isSilent = silent?.contains(time) ?? false
            let first = isSilent ? silent?.lowerBound ?? 0 : time
            begun += watch.look([at(first), at(time)], at: at(time), wall: time)
        }
        return begun
    }

    @Test func `threads that come round are no stall`() {
        var watch = StallWatch(at: Self.start)
        #expect(Self.run(&watch, until: 60_000).isEmpty)
        #expect(watch.longest == nil)
        let isAlive = watch.isAlive([Self.at(60_000)], at: Self.at(60_000))
        #expect(isAlive)
    }

    @Test func `a stall is told once, with its thread and beginning, and its longest extent is kept`() {
        var watch = StallWatch(at: Self.start)
        let begun = Self.run(&watch, until: 10_000, silent: 2000...5000)
        #expect(begun == [StallWatch.Stall(thread: 0, nanoseconds: 1_000_000_000, since: 2000)])
        #expect(watch.longest == StallWatch.Stall(thread: 0, nanoseconds: 3_000_000_000, since: 2000))
        #expect(watch.stalls == 1)
        // A shorter one later counts, and is not the longest.
        _ = Self.run(&watch, until: 4000, silent: 1000...3000)
        #expect(watch.stalls == 2)
        #expect(watch.longest?.nanoseconds == 3_000_000_000)
    }

    @Test(
        "a silence becomes a stall at a second, and death at five",
        arguments: [
            (999, false, true), (1000, true, true), (4999, true, true), (5000, true, false),
        ]
    )
    func limits(milliseconds: Int64, isStall: Bool, isAlive: Bool) {
        var watch = StallWatch(at: Self.start)
        // Regular ticks before, so that this is no standstill.
        for time in stride(from: Int64(0), to: milliseconds, by: 500) {
            _ = watch.look([Self.at(0)], at: Self.at(time), wall: 0)
        }
        _ = watch.look([Self.at(0)], at: Self.at(milliseconds), wall: 0)
        let verdict = watch.isAlive([Self.at(0)], at: Self.at(milliseconds))
        #expect((watch.stalls == 1) == isStall)
        #expect(verdict == isAlive)
    }

    @Test func `a machine that slept has no stuck threads, before the first tick and after it`() {
        var watch = StallWatch(at: Self.start)
        _ = watch.look([Self.at(0)], at: Self.at(0), wall: 0)
        let hour: Int64 = 3_600_000
        let before = watch.isAlive([Self.at(0)], at: Self.at(hour))
        #expect(before, "a probe that comes first of all")
        #expect(watch.look([Self.at(0)], at: Self.at(hour + 10), wall: 0).isEmpty)
        #expect(watch.standstills == 1)
        #expect(watch.stalls == 0)
        let after = watch.isAlive([Self.at(0)], at: Self.at(hour + 20))
        #expect(after)
    }

    @Test func `a thread that is still silent after the machine woke is stuck in its own right`() {
        var watch = StallWatch(at: Self.start)
        _ = watch.look([Self.at(0)], at: Self.at(0), wall: 0)
        for time in stride(from: Int64(3_600_000), through: 3_606_000, by: 500) {
            _ = watch.look([Self.at(0)], at: Self.at(time), wall: 0)
        }
        #expect(watch.stalls == 1)
        let isAlive = watch.isAlive([Self.at(0)], at: Self.at(3_606_000))
        #expect(!isAlive)
    }

    @Test func `a watchdog that is stuck itself is found out by those who ask`() {
        var watch = StallWatch(at: Self.start)
        _ = watch.look([Self.at(0)], at: Self.at(0), wall: 0)
        let first = watch.isAlive([Self.at(10_000)], at: Self.at(10_000))
        let soon = watch.isAlive([Self.at(14_900)], at: Self.at(14_900))
        let late = watch.isAlive([Self.at(15_000)], at: Self.at(15_000))
        #expect(first && soon && !late)
        // It comes back, and all is well.
        _ = watch.look([Self.at(15_100)], at: Self.at(15_100), wall: 0)
        let again = watch.isAlive([Self.at(15_100)], at: Self.at(15_200))
        #expect(again)
    }

    @Test("what held up the watchdog as well is no stall of a thread's", arguments: [600, 1200, 1900, 30_000])
    func heldUpTogether(milliseconds: Int64) {
        var watch = StallWatch(at: Self.start)
        _ = watch.look([Self.at(0)], at: Self.at(0), wall: 0)
        // It came round just before everything stood still, and comes round half a second after.
        _ = watch.look([Self.at(400)], at: Self.at(500 + milliseconds), wall: 0)
        _ = watch.look([Self.at(400)], at: Self.at(800 + milliseconds), wall: 0)
        _ = watch.look([Self.at(900 + milliseconds)], at: Self.at(1300 + milliseconds), wall: 0)
        #expect(watch.stalls == 0)
        #expect(watch.standstills == (milliseconds >= 1900 ? 1 : 0))
    }

    @Test func `a thread that has not begun yet is given its time`() {
        var watch = StallWatch(at: Self.start)
        _ = watch.look([BootInstant(nanoseconds: 0)], at: Self.at(500), wall: 0)
        #expect(watch.stalls == 0)
    }
}
