import Testing

@testable import Secrets

@Suite("Freshness", .timeLimit(.minutes(1)))
struct FreshnessTests {
    /// A value that was fetched `seconds` ago.
    private static func keepOld(
        _ mark: UInt8,
        _ seconds: Int64,
        in namespace: String = "a",
        _ policy: CachePolicy,
        _ cache: Cache
    ) throws {
        let key = StoredKey.named(in: namespace)
        try cache.keep(mark, for: key, policy: policy, at: BootInstant.now.advanced(by: .seconds(-seconds)))
    }

    @Test("a stale value stands in while the manager is out of reach, and says so", arguments: BackendError.all)
    func stale(error: BackendError) async throws {
        let policy = CachePolicy.lasting(.seconds(60), staleFor: .seconds(100))
        let fixture = ResolverFixture(policy)
        try Self.keepOld(1, 90, policy, fixture.cache)
        await fixture.backend.answer(.failure(error), in: "a")
        let outcome = await fixture.get(in: "a")
        switch error {
        case .unavailable, .throttled: #expect(outcome == .found(1, in: "a", .stale))
        default: #expect(outcome == .failed(error))
        }
        #expect(fixture.getCached(in: "a").0 == nil)
        await fixture.backend.answer(.value(mark: 2), in: "a")
        #expect(await fixture.get(in: "a") == .found(2, in: "a", .fresh))
    }

    @Test("beyond its bound it does not, nor where there is no bound, nor for who wants it younger")
    func bounds() async throws {
        let away = BackendError.unavailable(detail: "away")
        for (age, staleFor, maximumAge, served) in [
            (7000, 7200, nil, true), (7300, 7200, nil, false), (61, 0, nil, false), (90, 7200, 80_000_000_000, false),
            (90, 7200, 7_000_000_000_000, true),
        ] as [(Int64, Int64, Int64?, Bool)] {
            let policy = CachePolicy.lasting(.seconds(60), staleFor: .seconds(staleFor))
            let fixture = ResolverFixture(policy)
            try Self.keepOld(1, age, policy, fixture.cache)
            await fixture.backend.answer(.failure(away), in: "a")
            let outcome = await fixture.get(in: "a", maximumAge: maximumAge)
            #expect(
                outcome == (served ? .found(1, in: "a", .stale) : .failed(away)),
                "\(age) s, stale for \(staleFor) s"
            )
        }
    }

    @Test(
        "a secret that the manager says is gone does not come back as a stale one",
        arguments: [Duration.zero, .seconds(2)]
    )
    func gone(notFound: Duration) async throws {
        let policy = CachePolicy.lasting(.seconds(60), staleFor: .seconds(600), notFound: notFound)
        let fixture = ResolverFixture(policy)
        try Self.keepOld(1, 90, policy, fixture.cache)
        #expect(await fixture.get(in: "a") == .notFound)
        await fixture.backend.answer(.failure(.throttled()), in: "a")
        #expect(await fixture.get(in: "a", maximumAge: 0) == .failed(.throttled()))
    }

    @Test("an answer older than the caller accepts is fetched anew")
    func maximumAge() async throws {
        let policy = CachePolicy.lasting()
        let fixture = ResolverFixture(policy)
        try Self.keepOld(1, 30, policy, fixture.cache)
        await fixture.backend.answer(.value(mark: 2), in: "a")
        #expect(await fixture.get(in: "a", maximumAge: 40_000_000_000) == .found(1, in: "a", .cached))
        #expect(await fixture.get(in: "a", maximumAge: 20_000_000_000) == .found(2, in: "a", .fresh))
        #expect(await fixture.get(in: "a") == .found(2, in: "a", .cached))
    }

    @Test("a manager's lifetime of nothing means that the value is not kept")
    func zeroLifetime() async {
        let fixture = ResolverFixture(.lasting(staleFor: .seconds(60)))
        await fixture.backend.answer(.value(mark: 1, lifetime: .zero), in: "a")
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .fresh))
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .fresh))
        #expect(await fixture.backend.callCount == 2)
        #expect(fixture.cache.statistics.entries == 0)
    }

    @Test("an answer says when it must be gone")
    func expiresAt() async throws {
        let fixture = ResolverFixture(.lasting(.seconds(60)))
        let reference = SecretReference(tenant: "main", namespace: "a", key: "KEY")
        for (lifetime, expected) in [(nil, 60), (.seconds(20), 20), (.seconds(100), 60), (.zero, 0)]
            as [(Duration?, Int64)]
        {
            _ = fixture.cache.evict(tenant: nil, namespace: nil, key: nil)
            await fixture.backend.answer(.value(mark: 1, version: "v", lifetime: lifetime), in: "a")
            guard
                case .found(let secret, .fresh) = await fixture.resolver.resolve(
                    reference,
                    scopes: fixture.scopes,
                    until: .distantFuture,
                    skipping: { _ in false }
                )
            else {
                Issue.record("nothing was found")
                return
            }
            #expect(secret.expiresAt.nanoseconds(since: secret.fetchedAt) == expected * 1_000_000_000)
            #expect(secret.version == "v")
            #expect(secret.fetchedAt <= .now)
        }
    }

    @Test("a refresh happens behind the answer, once, and its value is served from then on")
    func refresh() async throws {
        let policy = CachePolicy.lasting(.seconds(60), refreshAfter: .seconds(10))
        let fixture = ResolverFixture(policy)
        try Self.keepOld(1, 20, policy, fixture.cache)
        await fixture.backend.answer(.value(mark: 2), in: "a")
        let (first, needsRefresh) = fixture.getCached(in: "a")
        #expect(first == .found(1, in: "a", .cached))
        #expect(needsRefresh)
        #expect(!fixture.getCached(in: "a").needsRefresh)
        await fixture.refresh(in: "a")
        #expect(fixture.getCached(in: "a").0 == .found(2, in: "a", .cached))
        #expect(await fixture.backend.callCount == 1)
    }

    @Test("a refresh that failed is tried again by a later reader, and the value stays until its lifetime ends")
    func failedRefresh() async throws {
        let policy = CachePolicy.lasting(.seconds(60), refreshAfter: .seconds(10))
        let fixture = ResolverFixture(policy)
        try Self.keepOld(1, 20, policy, fixture.cache)
        await fixture.backend.answer(.failure(.unavailable(detail: "away")), in: "a")
        for _ in 0..<3 {
            let (outcome, needsRefresh) = fixture.getCached(in: "a")
            #expect(outcome == .found(1, in: "a", .cached))
            #expect(needsRefresh)
            await fixture.refresh(in: "a")
        }
        #expect(await fixture.backend.callCount == 3)
    }

    @Test("a refresh that must not be kept leaves the next reader free to try", .timeLimit(.minutes(1)))
    func unkeptRefresh() async throws {
        let policy = CachePolicy.lasting(.seconds(60), refreshAfter: .seconds(10))
        let fixture = ResolverFixture(policy)
        try Self.keepOld(1, 20, policy, fixture.cache)
        await fixture.backend.answer(.value(mark: 2), in: "a")
        #expect(fixture.getCached(in: "a").needsRefresh)
        await fixture.backend.hold()
        let refresh = Task.immediate { await fixture.refresh(in: "a") }
        await fixture.backend.reads(1)
        // A write at a level below moves the epoch of the name, and removes nothing here.
        fixture.cache.invalidate(SecretName(tenant: "main", namespace: "a.b", key: "KEY"))
        await fixture.backend.release()
        await refresh.value
        let (outcome, needsRefresh) = fixture.getCached(in: "a")
        #expect(outcome == .found(1, in: "a", .cached))
        #expect(needsRefresh)
    }

    @Test("a reader on the way that waits starts the refresh that falls to it")
    func refreshOnTheSlowWay() async throws {
        let policy = CachePolicy.lasting(.seconds(60), refreshAfter: .seconds(10))
        let fixture = ResolverFixture(policy)
        try Self.keepOld(1, 20, policy, fixture.cache)
        await fixture.backend.answer(.value(mark: 2), in: "a")
        #expect(await fixture.get(in: "a.b") == .found(1, in: "a", .cached))
        await fixture.backend.reads(2)
        #expect(await fixture.backend.namespacesAsked == ["a.b", "a"])
        for _ in 0..<10_000 where fixture.getCached(in: "a").0 != .found(2, in: "a", .cached) { await Task.yield() }
        #expect(fixture.getCached(in: "a").0 == .found(2, in: "a", .cached))
    }

    @Test("a refresh of what is gone from the cache asks nobody")
    func refreshOfNothing() async {
        let fixture = ResolverFixture()
        await fixture.refresh(in: "a.b")
        #expect(await fixture.backend.callCount == 0)
    }
}
