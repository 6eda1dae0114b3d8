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

    @Test("wait longer each time, a random part of it, as often as is allowed")
    func waits() {
        let away = BackendError.unavailable(detail: "away")
        #expect(rules.wait(after: away, attempt: 1, chance: 1) == .seconds(1))
        #expect(rules.wait(after: away, attempt: 2, chance: 1) == .seconds(2))
        #expect(rules.wait(after: away, attempt: 3, chance: 0.5) == .seconds(2))
        #expect(rules.wait(after: away, attempt: 1, chance: 0) == .zero)
        #expect(rules.wait(after: away, attempt: 4, chance: 1) == nil)
    }

    @Test("wait no longer than the bound")
    func bound() {
        var rules = rules
        rules.attempts = 100
        rules.maximumDelay = .seconds(3)
        #expect(rules.wait(after: .throttled(), attempt: 60, chance: 1) == .seconds(3))
    }

    @Test("wait at least as long as the manager asks for")
    func retryAfter() throws {
        let wait = try #require(rules.wait(after: .throttled(retryAfter: .seconds(7)), attempt: 1, chance: 0.5))
        #expect(wait >= .seconds(7) && wait <= .seconds(8))
        let other = try #require(
            rules.wait(after: .unavailable(detail: "", retryAfter: .seconds(4)), attempt: 1, chance: 0)
        )
        #expect(other >= .seconds(4))
    }

    @Test(
        "are not for what another try would not change",
        arguments: [
            .denied(detail: ""), .forbidden(detail: ""), .malformed(detail: ""), .readOnly, .unsupported(detail: ""),
            .conflict, .tooLarge(limit: 1), .memory(.arenaFull),
        ] as [BackendError]
    )
    func others(error: BackendError) {
        #expect(rules.wait(after: error, attempt: 1, chance: 1) == nil)
    }
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
