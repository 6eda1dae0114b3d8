import ScriptedTime
import Testing

@testable import Secrets

@Suite("A manager that is away")
struct OutageTests {
    private let time = ScriptedTime(.skips)
    private let backend = ScriptedBackend(capabilities: [])
    private let healthy = ScriptedBackend(capabilities: [])
    private let resolver: SecretResolver
    private let scopes: ScopeTable

    init() {
        resolver = SecretResolver(cache: Cache(), time: time.source)
        var policy = CachePolicy()
        policy.expireAfterWrite = .seconds(60)
        policy.serveStaleFor = .seconds(300)
        var rules = BudgetRules()
        rules.retries.attempts = 5
        rules.breaker.failures = 5
        let source = time.source
        func scope(_ id: UInt16, _ name: String, _ backend: ScriptedBackend) -> Scope {
            Scope(
                id: id,
                name: name,
                namespace: name,
                type: "scripted",
                backend: backend,
                cache: policy,
                budget: Budget(rules, time: source)
            )
        }
        scopes = ScopeTable([scope(1, "a", backend), scope(2, "b", healthy)])
    }

    private func get(_ namespace: String) async -> Outcome {
        let reference = SecretReference(tenant: "main", namespace: namespace, key: "KEY")
        let deadline = time.now.advanced(by: .seconds(10))
        return Outcome(await resolver.resolve(reference, scopes: scopes, until: deadline) { _ in false })
    }

    private func isFailing(_ index: Int) -> Bool { scopes.scopes[index].budget.condition.isFailing }

    @Test(
        "for ten minutes: stale values for exactly as long as is allowed, then none, and values again once it is back"
    )
    func outage() async throws {
        await backend.answer(.value(mark: 1), in: "a")
        await healthy.answer(.value(mark: 2), in: "b")
        #expect(await get("a") == .found(1, in: "a", .fresh))
        let start = time.now
        await backend.answer(.failure(.unavailable(detail: "away")), in: "a")
        var (cached, stale, failed) = (0, 0, 0)
        while true {
            let elapsed = time.now.nanoseconds(since: start)
            guard elapsed < 600_000_000_000 else { break }
            let outcome = await get("a")
            switch outcome {
            case .found(1, _, .cached):
                cached += 1
                #expect(elapsed < 60_000_000_000)
            case .found(1, _, .stale):
                stale += 1
                #expect(elapsed >= 60_000_000_000 && elapsed < 360_000_000_000)
            case .failed(.unavailable):
                failed += 1
                #expect(elapsed >= 360_000_000_000)
            default: Issue.record("after \(elapsed / 1_000_000) ms: \(outcome)")
            }
            // The other scope does not notice.
            guard case .found(2, _, _) = await get("b") else {
                Issue.record("the healthy manager's value was not found")
                break
            }
            if elapsed >= 60_000_000_000 { #expect(isFailing(0) && !isFailing(1)) }
            time.advance(by: .milliseconds(500))
        }
        #expect(cached == 120 && stale == 600 && failed > 20)
        // Left alone most of the time, and not asked twice a second.
        #expect(await backend.callCount < 100)
        await backend.answer(.value(mark: 3), in: "a")
        time.advance(by: .seconds(60))
        #expect(await get("a") == .found(3, in: "a", .fresh))
        #expect(!isFailing(0))
    }

    @Test("what is stale says how old it is, and is not served to who wants it younger")
    func age() async {
        await backend.answer(.value(mark: 1), in: "a")
        _ = await get("a")
        await backend.answer(.failure(.throttled()), in: "a")
        time.advance(by: .seconds(90))
        #expect(await get("a") == .found(1, in: "a", .stale))
        let reference = SecretReference(tenant: "main", namespace: "a", key: "KEY", maximumAge: 80_000_000_000)
        let deadline = time.now.advanced(by: .seconds(10))
        let young = Outcome(await resolver.resolve(reference, scopes: scopes, until: deadline) { _ in false })
        #expect(young == .failed(.throttled()))
    }

    @Test("a refused credential of the agent is no reason for stale values")
    func denied() async {
        await backend.answer(.value(mark: 1), in: "a")
        _ = await get("a")
        await backend.answer(.failure(.denied(detail: "revoked")), in: "a")
        time.advance(by: .seconds(90))
        #expect(await get("a") == .failed(.denied(detail: "revoked")))
    }
}
