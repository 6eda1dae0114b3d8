import SecretMemory
import Secrets

/// How late values are zeroed: the agent's own cache and reaper with the real arena, judged by the bytes themselves.
struct ExpiryBenchmark {
    private static let limit: Int64 = 10_000_000
    private static let entries = 10_000

    func run(_ report: inout Report) async throws {
        report.section("Expiry: from a value's deadline until all its bytes are zero, looked at in memory")
        report.note("memory: \(Arena.usage.level)")
        try await measure(bursts: 5, &report)
        try await measure(bursts: 1, &report)
    }

    private func measure(bursts: Int, _ report: inout Report) async throws {
        let perBurst = Self.entries / bursts
        let (cache, reaper) = try Self.cache()
        defer { reaper.stop() }
        let manager = TemporaryValues()
        // The first burst leaves time to fill the cache.
        let first = BootInstant.now.advanced(by: .seconds(2))
        let dues = (0..<bursts).map { first.advanced(by: .milliseconds(300 * $0)) }
        var watched = [[WatchedValue]](repeating: [], count: bursts)
        let scopes = ScopeTable([Scope(id: 1, name: "bench", type: "bench", backend: manager, cache: Self.policy)])
        let resolver = SecretResolver(cache: cache)
        for number in 0..<Self.entries {
            let burst = number % bursts
            manager.due = dues[burst]
            let reference = SecretReference(tenant: "", namespace: "bench", key: "KEY_\(number)")
            watched[burst].append(try await Self.hold(reference, resolver, scopes, manager))
        }
        guard BootInstant.now < first, cache.statistics.entries == Self.entries else {
            throw Failure("the cache could not be filled in time")
        }
        var watch = ZeroWatch()
        for (due, values) in zip(dues, watched) {
            Pace.sleep(until: due.advanced(by: .milliseconds(-20)))
            try watch.watch(values, givingUpAt: due.advanced(by: .seconds(5)))
        }
        let late = Samples(watch.atMost)
        // The reaper begins a little early; what is negative here was zero before its deadline.
        guard late.quantile(0) >= -Reaper.lead.nanoseconds else { throw Failure("a value was zeroed far too early") }
        report.figure(
            "\(Self.entries) entries, \(bursts) \(bursts == 1 ? "burst" : "bursts") of \(perBurst)",
            [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)].map { name, part in
                "\(name) \(Figure.time(late.quantile(part)))  "
            }.joined() + "max \(Figure.time(late.maximum))",
            promise: "p99.9 at most \(Figure.time(Self.limit))",
            isMet: late.quantile(0.999) <= Self.limit
        )
        let surely = Samples(watch.atLeast).quantile(0.999)
        if late.quantile(0.999) - surely > 1_000_000 {
            report.note("  p99.9 may be as little as \(Figure.time(surely)): the watching thread was kept from looking")
        }
    }

    /// Fetches one value into the cache and lets go of it, so that nobody but the cache holds it.
    private static func hold(
        _ reference: SecretReference,
        _ resolver: SecretResolver,
        _ scopes: ScopeTable,
        _ manager: TemporaryValues
    ) async throws -> WatchedValue {
        guard
            case .found(let secret, .fresh) = await resolver.resolve(
                reference,
                scopes: scopes,
                until: .distantFuture,
                skipping: { _ in false }
            )
        else { throw Failure("a value could not be fetched") }
        return WatchedValue(place: manager.lastPlace, deadline: secret.expiresAt)
    }

    private static func cache() throws -> (Cache, Reaper) {
        var bounds = CacheBounds()
        bounds.maximumSize = 2 * entries
        let cache = Cache(bounds: bounds)
        let reaper = try Reaper(cache: cache)
        try reaper.start()
        return (cache, reaper)
    }

    private static var policy: CachePolicy {
        var policy = CachePolicy()
        policy.expireAfterWrite = .seconds(3600)
        return policy
    }
}
