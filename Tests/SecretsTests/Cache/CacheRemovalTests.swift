import SecretMemory
import Synchronization
import Testing

@testable import Secrets

@Suite("Cache removal")
struct CacheRemovalTests {
    private let cache = Cache()

    private func fill(_ keys: [StoredKey]) throws {
        for key in keys { try cache.keep(1, for: key, at: at(0)) }
    }

    private func left(of keys: [StoredKey]) -> [StoredKey] { keys.filter { cache.look($0, at: at(0)) != .miss } }

    @Test("a write forgets the name, its versions, all scopes' entries of it, and what lies below")
    func invalidate() throws {
        let gone: [StoredKey] = [
            .named("K", in: "a.b"), .named("K", in: "a.b", version: "3"), .named("K", in: "a.b", scope: 2),
            .named("K", in: "a.b.c"),
            .named("K", in: "a.b.c.d"), .named("K", in: "a.b.\u{301}c"),
        ]
        let kept: [StoredKey] = [
            .named("K", in: "a"), .named("K", in: "a.bc"), .named("K2", in: "a.b"), .named("k", in: "a.b"),
            .named("K", in: "a.b", tenant: "other"), .named("\u{212a}", in: "a.b"), .named("K", in: ""),
        ]
        try fill(gone + kept)
        let absent = StoredKey.named("K", in: "a.b.x")
        cache.keepNotFound(absent, at: at(0))
        #expect(cache.look(absent, at: at(0)) == .notFound)
        cache.invalidate(SecretName(tenant: "main", namespace: "a.b", key: "K"))
        #expect(left(of: gone).isEmpty)
        #expect(cache.look(absent, at: at(0)) == .miss)
        #expect(left(of: kept) == kept)
        #expect(cache.statistics.entries == kept.count)
    }

    @Test("a write at the root is above everything")
    func root() throws {
        try fill([.named("K", in: ""), .named("K", in: "a"), .named("K", in: "a.b"), .named("L", in: "a")])
        cache.invalidate(SecretName(tenant: "main", namespace: "", key: "K"))
        #expect(cache.statistics.entries == 1)
    }

    @Test(
        "evicting takes what is named, and all of it",
        arguments: [
            (nil, nil, nil, 6), ("t", nil, nil, 4), (nil, "a", nil, 3), (nil, nil, "K", 4), ("t", "a", nil, 2),
            ("t", nil, "K", 3),
            (nil, "a", "K", 2), ("t", "a", "K", 1), ("u", "a.b", "K", 0), ("t", "", nil, 1), ("t", "b", nil, 0),
            ("", nil, nil, 0),
        ] as [(String?, String?, String?, Int)]
    )
    func evict(tenant: String?, namespace: String?, key: String?, expected: Int) throws {
        let keys: [StoredKey] = [
            .named("K", in: "a", tenant: "t"), .named("L", in: "a", tenant: "t"), .named("K", in: "a.b", tenant: "t"),
            .named("K", in: "", tenant: "t"), .named("K", in: "a", tenant: "u"), .named("L", in: "c", tenant: "u"),
        ]
        try fill(keys)
        let count = cache.evict(tenant: tenant, namespace: namespace, key: key)
        #expect(count == expected)
        #expect(left(of: keys).count == keys.count - expected)
        #expect(cache.statistics.entries == keys.count - expected)
        #expect(cache.statistics.bytes == 8 * (keys.count - expected))
    }

    @Test("an empty cache has no deadline")
    func deadlines() throws {
        try cache.keep(1, for: .named("A"), policy: .lasting(.seconds(10)), at: at(0))
        try cache.keep(1, for: .named("B"), policy: .lasting(.seconds(20)), at: at(0))
        #expect(cache.statistics.nextDeadline == at(10))
        _ = cache.evict(tenant: nil, namespace: nil, key: "A")
        #expect(cache.statistics.nextDeadline == at(20))
        _ = cache.evict(tenant: nil, namespace: nil, key: nil)
        #expect(cache.statistics.nextDeadline == nil)
        #expect(cache.wipeExpired(at: at(100)) { _ in } == nil)
        #expect(cache.statistics.expirations == 0)
    }

    @Test("a fetch that began before a write of its name is not kept")
    func epochs() throws {
        let key = StoredKey.named("K", in: "a.b")
        for name in [key.name, SecretName(tenant: "main", namespace: "a", key: "K")] {
            let before = cache.epoch(of: key.name)
            cache.invalidate(name)
            try cache.keep(1, for: key, since: before, at: at(0))
            #expect(cache.look(key, at: at(0)) == .miss)
            try cache.keep(2, for: key, at: at(0))
            #expect(cache.look(key, at: at(0)) == .hit(2, refresh: false))
        }
        let before = cache.epoch(of: key.name)
        _ = cache.evict(tenant: nil, namespace: nil, key: nil)
        try cache.keep(3, for: key, since: before, at: at(0))
        #expect(cache.look(key, at: at(0)) == .miss)
    }

    @Test("writes of other names leave nearly all fetches alone")
    func otherNames() throws {
        let keys = (0..<200).map { StoredKey.named("KEY_\($0)") }
        let epochs = keys.map { cache.epoch(of: $0.name) }
        cache.invalidate(SecretName(tenant: "main", namespace: "a", key: "OTHER"))
        for (key, epoch) in zip(keys, epochs) { try cache.keep(1, for: key, since: epoch, at: at(0)) }
        #expect(left(of: keys).count > 150)
    }

    @Test("expiry takes what is due, in any number, and says when to come again")
    func expiry() throws {
        for index in 0..<1000 {
            try cache.keep(1, for: .named("KEY_\(index)"), policy: .lasting(.seconds(Int64(index / 10 + 1))), at: at(0))
        }
        var late = 0
        #expect(cache.wipeExpired(at: at(0.5)) { _ in late += 1 } == at(1))
        #expect(late == 0)
        #expect(cache.wipeExpired(at: at(80)) { _ in late += 1 } == at(81))
        #expect(late == 800)
        #expect(cache.statistics.entries == 200)
        #expect(cache.statistics.expirations == 800)
        #expect(cache.wipeExpired(at: at(1000)) { _ in late += 1 } == nil)
        #expect(cache.statistics.entries == 0)
        #expect(late == 1000)
    }

    @Test("a value that takes a wiped one's place keeps its own deadline")
    func marks() throws {
        let keys = StoredKey.together(3)
        let (first, second, third) = (keys[0], keys[1], keys[2])
        for round in 0..<200 {
            var wiped = 0
            let start = Double(round * 100)
            try cache.keep(1, for: first, policy: .lasting(.seconds(5)), at: at(start))
            try cache.keep(2, for: second, policy: .lasting(.seconds(10)), at: at(start))
            // The second goes early; the third takes its slot, and perhaps its memory.
            _ = cache.evict(tenant: nil, namespace: nil, key: second.name.key)
            try cache.keep(3, for: third, policy: .lasting(.seconds(60)), at: at(start))
            #expect(cache.wipeExpired(at: at(start + 11)) { _ in wiped += 1 } == at(start + 60))
            #expect(wiped == 1)
            #expect(cache.look(third, at: at(start + 11)) == .hit(3, refresh: false))
            _ = cache.evict(tenant: nil, namespace: nil, key: nil)
        }
    }

    @Test("renewing an entry again and again leaves no heap of old deadlines")
    func renewing() throws {
        for round in 0..<2000 {
            try cache.keep(1, policy: .lasting(.seconds(60)), at: at(Double(round) / 1000))
        }
        #expect(cache.statistics.nextDeadline == at(61.999))
        #expect(cache.wipeExpired(at: at(61.998)) { _ in } == at(61.999))
        #expect(cache.statistics.entries == 1)
        #expect(cache.wipeExpired(at: at(61.999)) { _ in } == nil)
    }

    @Test("the hundred-thousandth deadline is heard like the first", .timeLimit(.minutes(1)))
    func manyAlarms() async {
        await #expect(processExitsWith: .success) {
            let cache = Cache()
            let heard = Atomic(0)
            cache.onDeadline { _ in heard.add(1, ordering: .relaxed) }
            // Each deadline is before the one before it. A small stack shows what grows.
            let thread = try DedicatedThread(name: "test", stackBytes: 64 * 1024) {
                for index in 0..<20_000 {
                    try? cache.keep(1, policy: .lasting(.seconds(100_000 - Int64(index))), at: at(0))
                }
            }
            thread.join()
            #expect(heard.load(ordering: .relaxed) == 20_000)
        }
    }

    @Test("whoever stores is heard where a deadline comes before all others of its part")
    func alarm() throws {
        let heard = Recorder<BootInstant>()
        cache.onDeadline { heard.append($0) }
        try cache.keep(1, policy: .lasting(.seconds(60)), at: at(0))
        try cache.keep(1, policy: .lasting(.seconds(90)), at: at(0))
        try cache.keep(1, policy: .lasting(.seconds(30), staleFor: .seconds(10)), at: at(0))
        try cache.keep(1, policy: .lasting(.zero), at: at(0))
        #expect(heard.all.first == at(60))
        #expect(heard.all.contains(at(40)))
    }
}
