import Liveness
import Testing

@Suite("Attentive time")
struct AttentiveClockTests {
    @Test("it passes while somebody looks at intervals")
    func passes() {
        var clock = AttentiveClock(interval: .seconds(5))
        #expect(clock.look(at: .seconds(100)).time == .zero)
        #expect(clock.look(at: .seconds(105)).time == .seconds(5))
        #expect(clock.time(at: .seconds(107)) == .seconds(7))
        #expect(clock.look(at: .seconds(109)) == (.seconds(9), .seconds(4)))
    }

    @Test("it stands still over a pause, but for two intervals")
    func pauses() {
        var clock = AttentiveClock(interval: .seconds(5))
        _ = clock.look(at: .zero)
        #expect(clock.time(at: .seconds(8 * 3600)) == .seconds(10))
        #expect(clock.look(at: .seconds(8 * 3600)).time == .seconds(10))
    }

    @Test("looks in vain do not count, nor does the time until the next look")
    func blindness() {
        var clock = AttentiveClock(interval: .seconds(5))
        _ = clock.look(at: .zero)
        _ = clock.look(at: .seconds(5))
        clock.lookInVain(at: .seconds(10))
        clock.lookInVain(at: .seconds(15))
        #expect(clock.time(at: .seconds(18)) == .seconds(10))
        #expect(clock.look(at: .seconds(20)) == (.seconds(10), .zero))
        #expect(clock.look(at: .seconds(25)).time == .seconds(15))
    }

    @Test("a clock that goes backwards moves nothing")
    func backwards() {
        var clock = AttentiveClock(interval: .seconds(5))
        _ = clock.look(at: .seconds(50))
        #expect(clock.look(at: .seconds(40)).time == .zero)
    }
}
