import Testing

@testable import Secrets

@Suite("A breaker")
struct BreakerTests {
    private var rules: BreakerRules {
        var rules = BreakerRules()
        rules.failures = 3
        rules.openFor = .seconds(5)
        rules.longestOpen = .seconds(12)
        return rules
    }

    private func instant(_ seconds: Double) -> BootInstant { BootInstant(nanoseconds: Int64(seconds * 1e9)) }

    /// A breaker that has just opened, at 10 s.
    private func opened() -> Breaker {
        var breaker = Breaker(rules)
        for _ in 0..<3 { breaker.record(isFailure: true, at: instant(10)) }
        return breaker
    }

    @Test("opens after so many failures in a row, and not after as many with a success between")
    func opens() {
        var breaker = Breaker(rules)
        for failure in [true, true, false, true, true] { breaker.record(isFailure: failure, at: instant(10)) }
        #expect(breaker.state == .closed)
        breaker.record(isFailure: true, at: instant(10))
        #expect(breaker.state == .open)
        let admission = breaker.admit(at: instant(11))
        #expect(admission == .refused(.seconds(4)))
    }

    @Test("lets one call try once its time is over, and closes where that goes well")
    func closes() {
        var breaker = opened()
        let first = breaker.admit(at: instant(15))
        #expect(first == .go && breaker.state == .halfOpen)
        let second = breaker.admit(at: instant(15))
        #expect(second != .go)
        breaker.record(isFailure: false, at: instant(16))
        let third = breaker.admit(at: instant(16))
        #expect(third == .go && breaker.state == .closed)
    }

    @Test("stays open longer each time, up to a bound")
    func backsOff() {
        var breaker = opened()
        for (at, next) in [(15.0, 25.0), (25.0, 37.0), (37.0, 49.0)] {
            let admission = breaker.admit(at: instant(at))
            #expect(admission == .go)
            breaker.record(isFailure: true, at: instant(at))
            let refusal = breaker.admit(at: instant(at))
            #expect(refusal == .refused(.seconds(next - at)))
        }
    }

    @Test("lets another try where the one that tried was given up")
    func givenUp() {
        var breaker = opened()
        _ = breaker.admit(at: instant(15))
        breaker.giveUp()
        let admission = breaker.admit(at: instant(15))
        #expect(admission == .go)
    }

    @Test("with no bound of failures it never opens")
    func never() {
        var breaker = Breaker(BreakerRules())
        for _ in 0..<100 { breaker.record(isFailure: true, at: instant(10)) }
        #expect(breaker.state == .closed)
    }
}
