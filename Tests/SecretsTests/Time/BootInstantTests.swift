import Testing

@testable import Secrets

@Suite("Boot instants")
struct BootInstantTests {
    private static let earliest = BootInstant(nanoseconds: .min)

    @Test("what does not fit stays at the end it went over")
    func advancing() {
        #expect(BootInstant(nanoseconds: 5).advanced(by: 7 as Int64).nanoseconds == 12)
        #expect(BootInstant(nanoseconds: 5).advanced(by: -7 as Int64).nanoseconds == -2)
        #expect(BootInstant.distantFuture.advanced(by: 1 as Int64) == .distantFuture)
        #expect(BootInstant(nanoseconds: 1).advanced(by: Int64.max) == .distantFuture)
        #expect(BootInstant(nanoseconds: -1).advanced(by: Int64.min) == Self.earliest)
        #expect(Self.earliest.advanced(by: -1 as Int64) == Self.earliest)
        #expect(Self.earliest.advanced(by: Int64.max).nanoseconds == -1)
        #expect(BootInstant.distantFuture.advanced(by: Int64.min).nanoseconds == -1)
    }

    @Test("a distance is never on the wrong side")
    func distance() {
        #expect(BootInstant(nanoseconds: 9).nanoseconds(since: BootInstant(nanoseconds: 4)) == 5)
        #expect(BootInstant(nanoseconds: 4).nanoseconds(since: BootInstant(nanoseconds: 9)) == -5)
        #expect(BootInstant.distantFuture.nanoseconds(since: Self.earliest) == .max)
        #expect(Self.earliest.nanoseconds(since: .distantFuture) == .min)
        #expect(BootInstant.distantFuture.nanoseconds(since: BootInstant(nanoseconds: -1)) == .max)
        #expect(BootInstant(nanoseconds: 0).nanoseconds(since: Self.earliest) == .max)
        #expect(BootInstant.distantFuture.nanoseconds(since: .distantFuture) == 0)
    }

    @Test(
        "a duration of any length has its nanoseconds",
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1), (.seconds(60), 60_000_000_000),
            (.seconds(9_223_372_036), 9_223_372_036_000_000_000), (.nanoseconds(Int64.max), .max),
            (.nanoseconds(Int64.min), .min),
            (.seconds(9_223_372_036) + .milliseconds(900), .max), (.seconds(-9_223_372_036) - .milliseconds(900), .min),
            (.seconds(9_223_372_037), .max), (.seconds(-9_223_372_037), .min), (.seconds(Int64.max), .max),
            (.seconds(Int64.min), .min),
            (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
        ] as [(Duration, Int64)]
    )
    func durations(duration: Duration, nanoseconds: Int64) {
        #expect(duration.nanoseconds == nanoseconds)
    }

    @Test("time goes on and has an order")
    func order() {
        let first = BootInstant.now
        let second = BootInstant.now
        #expect(first <= second)
        #expect(first.nanoseconds > 0)
        #expect(first < .distantFuture)
        #expect(first.advanced(by: .seconds(60)) > second)
        #expect(first.advanced(by: .seconds(Int64.max)) == .distantFuture)
    }
}
