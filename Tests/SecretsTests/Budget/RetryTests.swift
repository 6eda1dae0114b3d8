import SecretMemory
import Testing

@testable import Secrets

@Suite("Retries")
struct RetryTests {
    private var rules: RetryRules {
        var rules = RetryRules()
        rules.attempts = 3
        rules.delay = .seconds(1)
        return rules
    }

    private func wait(
        _ failure: BackendError,
        _ attempt: Int,
        chance: Double,
        remaining: Duration = .seconds(600)
    ) -> Duration? {
        rules.wait(after: failure, attempt: attempt, remaining: remaining, chance: chance)
    }

    private let away = BackendError.unavailable(detail: "away")

    @Test("wait longer each time, a random part of it, as often as is allowed")
    func waits() {
        #expect(wait(away, 1, chance: 1) == .seconds(1))
        #expect(wait(away, 2, chance: 1) == .seconds(2))
        #expect(wait(away, 3, chance: 0.5) == .seconds(2))
        #expect(wait(away, 1, chance: 0) == .zero)
        #expect(wait(away, 4, chance: 1) == nil)
    }

    @Test("go on for as long as the caller waits where the manager asks for fewer requests")
    func throttled() {
        #expect(wait(.throttled(), 4, chance: 1) == .seconds(8))
        #expect(wait(.throttled(), 1000, chance: 1, remaining: .seconds(10)) == .milliseconds(2500))
        #expect(wait(.throttled(), 1000, chance: 1, remaining: .milliseconds(120)) == .milliseconds(100))
        #expect(wait(.throttled(), 1000, chance: 1, remaining: .milliseconds(90)) == nil)
        #expect(RetryRules().wait(after: .throttled(), attempt: 1, remaining: .seconds(9), chance: 1) == nil)
    }

    @Test("wait no longer than the bound")
    func bound() {
        var rules = rules
        rules.attempts = 100
        rules.maximumDelay = .seconds(3)
        #expect(rules.wait(after: away, attempt: 60, remaining: .seconds(600), chance: 1) == .seconds(3))
    }

    @Test("wait at least as long as the manager asks for, and not at all where that is too long")
    func retryAfter() throws {
        let wait = try #require(self.wait(.throttled(retryAfter: .seconds(7)), 1, chance: 0.5))
        #expect(wait >= .seconds(7) && wait <= .seconds(8))
        let other = try #require(self.wait(.unavailable(detail: "", retryAfter: .seconds(4)), 1, chance: 0))
        #expect(other >= .seconds(4))
        #expect(self.wait(.throttled(retryAfter: .seconds(7)), 1, chance: 0.5, remaining: .seconds(6)) == nil)
    }

    @Test(
        "are not for what another try would not change",
        arguments: [
            .denied(detail: ""), .forbidden(detail: ""), .malformed(detail: ""), .readOnly, .unsupported(detail: ""),
            .conflict, .tooLarge(limit: 1), .memory(.arenaFull),
        ] as [BackendError]
    )
    func others(error: BackendError) { #expect(wait(error, 1, chance: 1) == nil) }
}

@Suite("The rate of calls")
struct CallRateTests {
    private func instant(_ milliseconds: Int64) -> BootInstant { BootInstant(nanoseconds: milliseconds * 1_000_000) }

    @Test("lets a burst through and then one call after the other")
    func burst() {
        var rate = CallRate(callsPerSecond: 10, burst: 3)
        for _ in 0..<3 {
            #expect(rate.wait(at: instant(1000)) == .zero)
            rate.take(at: instant(1000))
        }
        #expect(rate.wait(at: instant(1000)) == .milliseconds(100))
        #expect(rate.wait(at: instant(1100)) == .zero)
        rate.take(at: instant(1100))
        #expect(rate.wait(at: instant(1100)) == .milliseconds(100))
    }

    @Test("is not bound where nothing is said")
    func none() {
        var rate = CallRate(callsPerSecond: nil, burst: 1)
        for _ in 0..<1000 {
            #expect(rate.wait(at: instant(0)) == .zero)
            rate.take(at: instant(0))
        }
    }
}
