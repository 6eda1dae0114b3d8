import Testing

@testable import Secrets

@Suite("Cache lifetimes")
struct CacheLifetimeTests {
    private let cache = Cache()

    @Test("a value is there until its hard lifetime, and not a moment longer")
    func hardLifetime() throws {
        #expect(cache.look(at: at(0)) == .miss)
        try cache.keep(7, policy: .lasting(.seconds(60)), at: at(0))
        #expect(cache.look(at: at(0)) == .hit(7, refresh: false))
        #expect(cache.look(at: at(59.999)) == .hit(7, refresh: false))
        #expect(cache.look(at: at(60)) == .miss)
        #expect(cache.look(at: at(1e6)) == .miss)
    }

    @Test("each part of a name counts, and the scope")
    func keys() throws {
        try cache.keep(1, for: .named("K"), at: at(0))
        for other in [
            StoredKey.named("k"), .named("\u{212a}"), .named("K", in: "b"), .named("K", in: "a.b"), .named("K", in: ""),
            .named("K", tenant: "other"), .named("K", scope: 2), .named("K", version: "1"), .named("", in: "aK"),
        ] {
            #expect(cache.look(other, at: at(0)) == .miss)
        }
        #expect(cache.look(.named("K"), at: at(0)) == .hit(1, refresh: false))
    }

    @Test("not found has a lifetime of its own")
    func notFound() throws {
        let policy = CachePolicy.lasting(.seconds(60), staleFor: .seconds(60), notFound: .seconds(2))
        cache.keepNotFound(policy: policy, at: at(0))
        #expect(cache.look(at: at(1.9)) == .notFound)
        #expect(cache.look(at: at(2)) == .miss)
        #expect(cache.readStale(.named(), at: at(1)) == nil)
        try cache.keep(1, policy: policy, at: at(2))
        #expect(cache.look(at: at(30)) == .hit(1, refresh: false))
        cache.keepNotFound(policy: policy, at: at(31))
        #expect(cache.look(at: at(32)) == .notFound)
        #expect(cache.look(at: at(33)) == .miss)
        #expect(cache.readStale(.named(), at: at(33)) == nil)
    }

    @Test("an answer older than the reader accepts is a miss, for that reader only")
    func maximumAge() throws {
        try cache.keep(1, at: at(0))
        #expect(cache.look(at: at(10), maximumAge: 10_000_000_000) == .hit(1, refresh: false))
        #expect(cache.look(at: at(10), maximumAge: 9_999_999_999) == .miss)
        #expect(cache.look(at: at(10), maximumAge: 0) == .miss)
        #expect(cache.look(at: at(10), maximumAge: .max) == .hit(1, refresh: false))
        #expect(cache.look(at: at(-1), maximumAge: 0) == .hit(1, refresh: false))
        let absent = StoredKey.named("ABSENT")
        cache.keepNotFound(absent, at: at(0))
        #expect(cache.look(absent, at: at(1), maximumAge: 500_000_000) == .miss)
        #expect(cache.look(absent, at: at(1), maximumAge: 1_000_000_000) == .notFound)
    }

    @Test("a lifetime of nothing is never for ever", arguments: [Duration.zero, .seconds(-1), .nanoseconds(Int64.min)])
    func zeroLifetime(lifetime: Duration) throws {
        try cache.keep(1, for: .named("A"), policy: .lasting(lifetime), at: at(0))
        try cache.keep(2, for: .named("B"), policy: .lasting(staleFor: .seconds(60)), lifetime: lifetime, at: at(0))
        cache.keepNotFound(.named("C"), policy: .lasting(notFound: lifetime), at: at(0))
        for key in ["A", "B", "C"] {
            #expect(cache.look(.named(key), at: at(0)) == .miss)
            #expect(cache.readStale(.named(key), at: at(0)) == nil)
        }
        #expect(cache.statistics.entries == 0)
        #expect(cache.statistics.nextDeadline == nil)
    }

    @Test("an answer that is not to be kept still ends the one before it")
    func unkeptEndsTheOld() throws {
        let policy = CachePolicy.lasting(staleFor: .seconds(600), notFound: .zero)
        try cache.keep(1, policy: policy, at: at(0))
        cache.keepNotFound(policy: policy, at: at(1))
        #expect(cache.look(at: at(1)) == .miss)
        #expect(cache.readStale(.named(), at: at(1)) == nil)
        try cache.keep(2, policy: policy, at: at(2))
        try cache.keep(3, policy: policy, lifetime: .zero, at: at(3))
        #expect(cache.look(at: at(3)) == .miss)
        #expect(cache.statistics.entries == 0)
        #expect(cache.statistics.bytes == 0)
    }

    @Test("what is off keeps nothing")
    func off() throws {
        var policy = CachePolicy.lasting()
        policy.isEnabled = false
        try cache.keep(1, policy: policy, at: at(0))
        cache.keepNotFound(.named("B"), policy: policy, at: at(0))
        #expect(cache.statistics.entries == 0)
    }

    @Test("the longest lifetimes do not overflow")
    func longest() throws {
        let policy = CachePolicy.lasting(
            .seconds(Int64.max),
            refreshAfter: .seconds(Int64.max),
            staleFor: .seconds(Int64.max)
        )
        try cache.keep(1, policy: policy, lifetime: .seconds(Int64.max), at: at(0))
        #expect(cache.look(at: at(1e9)) == .hit(1, refresh: false))
        #expect(cache.wipeExpired(at: at(1e9)) { _ in } == .distantFuture)
        #expect(cache.statistics.entries == 1)
    }

    @Test("the manager's own lifetime is the shorter of the two, and nothing stale lives beyond it")
    func managerLifetime() throws {
        let policy = CachePolicy.lasting(.seconds(60), staleFor: .seconds(600))
        try cache.keep(1, for: .named("SHORT"), policy: policy, lifetime: .seconds(5), at: at(0))
        #expect(cache.look(.named("SHORT"), at: at(4.9)) == .hit(1, refresh: false))
        #expect(cache.look(.named("SHORT"), at: at(5)) == .miss)
        #expect(cache.readStale(.named("SHORT"), at: at(5)) == nil)
        try cache.keep(2, for: .named("LONGER"), policy: policy, lifetime: .seconds(100), at: at(0))
        #expect(cache.look(.named("LONGER"), at: at(60)) == .miss)
        #expect(cache.readStale(.named("LONGER"), at: at(99)) != nil)
        #expect(cache.readStale(.named("LONGER"), at: at(100)) == nil)
        #expect(cache.statistics.nextDeadline == at(5))
    }

    @Test("of each scope, the oldest value beyond its lifetime is known, and nothing of those within it")
    func oldestStale() throws {
        let policy = CachePolicy.lasting(.seconds(60), staleFor: .seconds(600))
        try cache.keep(1, for: .named("OLD"), policy: policy, at: at(0))
        try cache.keep(2, for: .named("NEXT"), policy: policy, at: at(20))
        try cache.keep(3, for: .named("OTHER", scope: 2), policy: policy, at: at(30))
        #expect(cache.oldestStale(at: at(59)).isEmpty)
        #expect(cache.oldestStale(at: at(60)) == [1: at(0)])
        #expect(cache.oldestStale(at: at(100)) == [1: at(0), 2: at(30)])
        try cache.keep(4, for: .named("OLD"), policy: policy, at: at(100))
        #expect(cache.oldestStale(at: at(100)) == [1: at(20), 2: at(30)])
    }

    @Test("a stale value is there within its bound, to those who ask for one")
    func stale() throws {
        try cache.keep(9, policy: .lasting(.seconds(60), staleFor: .seconds(30)), at: at(0))
        #expect(cache.look(at: at(60)) == .miss)
        #expect(cache.readStale(.named(), at: at(89.9))?.mark == 9)
        #expect(cache.readStale(.named(), at: at(90)) == nil)
        #expect(cache.wipeExpired(at: at(89.9)) { _ in } == at(90))
        #expect(cache.statistics.entries == 1)
        #expect(cache.wipeExpired(at: at(90)) { _ in } == nil)
        #expect(cache.statistics.entries == 0)
    }

    @Test("exactly one reader after the soft lifetime is told to refresh")
    func refresh() throws {
        let policy = CachePolicy.lasting(.seconds(60), refreshAfter: .seconds(30))
        try cache.keep(1, policy: policy, at: at(0))
        #expect(cache.look(at: at(29.9)) == .hit(1, refresh: false))
        #expect(cache.look(at: at(30)) == .hit(1, refresh: true))
        #expect(cache.look(at: at(31)) == .hit(1, refresh: false))
        let first = try #require(cache.readStale(.named(), at: at(31)))
        cache.refreshEnded(.named(), of: first)
        #expect(cache.look(at: at(32)) == .hit(1, refresh: true))
        try cache.keep(2, policy: policy, at: at(33))
        #expect(cache.look(at: at(34)) == .hit(2, refresh: false))
        #expect(cache.look(at: at(63)) == .hit(2, refresh: true))
        // The end of the first refresh says nothing of the second.
        cache.refreshEnded(.named(), of: first)
        #expect(cache.look(at: at(64)) == .hit(2, refresh: false))
        #expect(cache.look(at: at(93)) == .miss)
    }

    @Test("a reader who does not accept the age takes no one's turn to refresh")
    func refreshAndAge() throws {
        try cache.keep(1, policy: .lasting(.seconds(60), refreshAfter: .seconds(30)), at: at(0))
        #expect(cache.look(at: at(40), maximumAge: 1_000_000_000) == .miss)
        #expect(cache.look(at: at(40)) == .hit(1, refresh: true))
    }
}
