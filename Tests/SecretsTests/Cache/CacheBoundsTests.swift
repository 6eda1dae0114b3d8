import Testing

@testable import Secrets

@Suite("Cache bounds")
struct CacheBoundsTests {
    private static func keys(_ range: Range<Int>) -> [StoredKey] { range.map { .named("KEY_\($0)") } }

    private static func held(_ keys: [StoredKey], in cache: Cache, at now: BootInstant = at(1)) -> Int {
        keys.filter { cache.look($0, at: now) != .miss }.count
    }

    @Test("there are never more entries than allowed, and as many as allowed", arguments: [0, 1, 2, 7, 100])
    func entries(maximum: Int) throws {
        let cache = Cache(bounds: .entries(maximum))
        let keys = Self.keys(0..<300)
        for (index, key) in keys.enumerated() {
            if index % 3 == 0 { cache.keepNotFound(key, at: at(0)) } else { try cache.keep(1, for: key, at: at(0)) }
            #expect(cache.statistics.entries <= maximum)
        }
        #expect(cache.statistics.entries == maximum)
        #expect(Self.held(keys, in: cache) == maximum)
        #expect(cache.statistics.evictions == UInt64(300 - maximum))
        #expect(cache.statistics.expirations == 0)
    }

    @Test("there are never more bytes than allowed")
    func bytes() throws {
        let cache = Cache(bounds: .entries(1000, bytes: 1000))
        for key in Self.keys(0..<100) {
            try cache.keep(1, for: key, count: 90, at: at(0))
            #expect(cache.statistics.bytes <= 1000)
        }
        #expect(cache.statistics.bytes == 990)
        #expect(cache.statistics.entries == 11)
        // One large value goes where eleven were.
        try cache.keep(2, for: .named("LARGE"), count: 1000, at: at(0))
        #expect(cache.statistics.bytes <= 1000)
    }

    @Test("a value larger than all of it is not kept, and the one before it is gone")
    func tooLarge() throws {
        let cache = Cache(bounds: .entries(10, bytes: 100))
        try cache.keep(1, count: 100, at: at(0))
        #expect(cache.look(at: at(0)) == .hit(1, refresh: false))
        try cache.keep(2, count: 101, at: at(0))
        #expect(cache.look(at: at(0)) == .miss)
        #expect(cache.statistics.bytes == 0)
    }

    @Test("what is read stays, what nobody reads goes", arguments: [64, 500])
    func secondChance(maximum: Int) throws {
        let cache = Cache(bounds: .entries(maximum))
        let popular = Self.keys(0..<(maximum / 4))
        for key in popular { try cache.keep(1, for: key, at: at(0)) }
        for key in Self.keys(10_000..<(10_000 + 20 * maximum)) {
            try cache.keep(2, for: key, at: at(0))
            for key in popular { _ = cache.look(key, at: at(0)) }
        }
        #expect(Self.held(popular, in: cache) == popular.count)
    }

    @Test("no part of the cache pays for all")
    func everyShardTakesTurns() throws {
        let cache = Cache(bounds: .entries(400))
        let first = Self.keys(0..<400)
        for key in first { try cache.keep(1, for: key, at: at(0)) }
        for key in Self.keys(1000..<1100) { try cache.keep(1, for: key, at: at(0)) }
        // Of each shard's share of the first entries, some are left.
        var left = [Int](repeating: 0, count: Cache.shardCount)
        for key in first where cache.look(key, at: at(0)) != .miss {
            left[Int(key.withCacheKey { $0.hash } >> 61)] += 1
        }
        #expect(left.allSatisfy { $0 > 0 }, "\(left)")
    }

    @Test("new bounds hold at once")
    func newBounds() throws {
        let cache = Cache(bounds: .entries(100))
        let keys = Self.keys(0..<100)
        for key in keys { try cache.keep(1, for: key, count: 10, at: at(0)) }
        cache.setBounds(.entries(40))
        #expect(cache.statistics.entries == 40)
        cache.setBounds(.entries(40, bytes: 50))
        #expect(cache.statistics.bytes == 50)
        #expect(Self.held(keys, in: cache) == 5)
        cache.setBounds(.entries(0))
        #expect(cache.statistics.entries == 0)
        #expect(cache.statistics.bytes == 0)
        cache.setBounds(.entries(-1))
        try cache.keep(1, at: at(0))
        #expect(cache.statistics.entries == 0)
    }

    @Test("replacing a value counts once")
    func replacing() throws {
        let cache = Cache()
        for size in [10, 500, 0, 3] {
            try cache.keep(UInt8(truncatingIfNeeded: size), count: size, at: at(0))
            #expect(cache.statistics.entries == 1)
            #expect(cache.statistics.bytes == size)
        }
        cache.keepNotFound(at: at(0))
        #expect(cache.statistics.entries == 1)
        #expect(cache.statistics.bytes == 0)
        #expect(cache.statistics.evictions == 0)
    }
}
