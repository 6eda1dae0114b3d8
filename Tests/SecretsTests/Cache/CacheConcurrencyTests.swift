import Glibc
import SeededGenerator
import Synchronization
import Testing

@testable import Secrets

@Suite("Cache under several threads")
struct CacheConcurrencyTests {
    @Test("counts are right after 100,000 operations of four threads", .timeLimit(.minutes(3)))
    func statistics() throws {
        let cache = Cache(bounds: .entries(60, bytes: 2000))
        let negative = Atomic(0)
        try Threads.run(4) { thread in
            var generator = SeededGenerator(seed: UInt64(thread))
            for round in 0..<25_000 {
                let key = StoredKey.named("KEY_\(Int.random(in: 0..<120, using: &generator))")
                let now = at(Double(round) / 1000)
                switch Int.random(in: 0..<100, using: &generator) {
                case 0: _ = cache.evict(tenant: nil, namespace: nil, key: nil)
                case 1..<5: cache.invalidate(key.name)
                case 5..<8: _ = cache.wipeExpired(at: now) { _ in }
                case 8: cache.setBounds(.entries(Int.random(in: 20..<80, using: &generator), bytes: 2000))
                case 9..<20: cache.keepNotFound(key, at: now)
                case 20..<60:
                    let size = Int.random(in: 0..<100, using: &generator)
                    try? cache.keep(1, for: key, count: size, policy: .lasting(.seconds(1)), at: now)
                default: _ = cache.look(key, at: now)
                }
                if round % 100 == 0 {
                    let statistics = cache.statistics
                    if statistics.entries < 0 || statistics.bytes < 0 { negative.add(1, ordering: .relaxed) }
                }
            }
        }
        #expect(negative.load(ordering: .relaxed) == 0)
        let statistics = cache.statistics
        #expect(statistics.entries <= 80)
        #expect(statistics.bytes <= 2000)
        #expect(statistics.evictions > 0)
        let gone = cache.evict(tenant: nil, namespace: nil, key: nil)
        #expect(gone == statistics.entries)
        #expect(cache.statistics.entries == 0)
        #expect(cache.statistics.bytes == 0)
    }

    @Test("of all readers after the soft lifetime exactly one refreshes", .timeLimit(.minutes(1)))
    func refreshers() throws {
        let cache = Cache()
        for round in 0..<50 {
            let start = Double(round * 100)
            try cache.keep(1, policy: .lasting(.seconds(60), refreshAfter: .seconds(30)), at: at(start))
            let refreshers = Atomic(0)
            try Threads.run(4) { _ in
                for _ in 0..<50 where cache.look(at: at(start + 31)) == .hit(1, refresh: true) {
                    refreshers.add(1, ordering: .relaxed)
                }
            }
            #expect(refreshers.load(ordering: .relaxed) == 1)
        }
    }

    @Test("an old value never survives a write, however the two meet", .timeLimit(.minutes(2)))
    func storeAgainstInvalidate() throws {
        let cache = Cache()
        let key = StoredKey.together(1)[0]
        let rounds = 20_000
        let arrived = Atomic(0)
        let survived = Atomic(0)
        let epoch = Atomic(cache.epoch(of: key.name))
        try Threads.run(2) { thread in
            var generator = SeededGenerator(seed: UInt64(thread))
            for round in 0..<rounds {
                // Both are here: the round before is over, and its outcome is known to whoever came last.
                if arrived.add(1, ordering: .acquiringAndReleasing).newValue == 4 * round + 2 {
                    if cache.look(key, at: at(0)) != .miss { survived.add(1, ordering: .relaxed) }
                    epoch.store(cache.epoch(of: key.name), ordering: .releasing)
                    arrived.add(2, ordering: .acquiringAndReleasing)
                }
                while arrived.load(ordering: .acquiring) < 4 * round + 4 { sched_yield() }
                for _ in 0..<Int.random(in: 0..<40, using: &generator) { _ = arrived.load(ordering: .acquiring) }
                if thread == 1 {
                    cache.invalidate(key.name)
                } else {
                    try? cache.keep(1, for: key, since: epoch.load(ordering: .acquiring), at: at(0))
                }
            }
        }
        #expect(survived.load(ordering: .relaxed) == 0)
    }
}
