import SecretMemory
import SeededGenerator
import Synchronization
import Testing

@testable import Secrets

@Suite("Reaper", .serialized)
struct ReaperTests {
    /// Each wiped value's lateness, as it comes.
    private static func watched(_ cache: Cache) throws -> (reaper: Reaper, lateness: AsyncStream<Int64>) {
        let (stream, continuation) = AsyncStream<Int64>.makeStream()
        return (try Reaper(cache: cache) { continuation.yield($0) }, stream)
    }

    @Test("a value is gone from memory at its deadline, although nobody asks", .timeLimit(.minutes(1)))
    func zeroes() async {
        await #expect(processExitsWith: .success) {
            // The value with each byte XORed with 0x5a, so that the search does not find the needle itself.
            var generator = SeededGenerator(seed: 31)
            let masked = (0..<40).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let cache = Cache()
            let (reaper, lateness) = try ReaperTests.watched(cache)
            let now = BootInstant.now
            for name in ["A", "B"] {
                let value = try SecretBytes(capacity: masked.count) { output in
                    for byte in masked { output.append(byte ^ 0x5a) }
                }
                let policy = CachePolicy.lasting(.milliseconds(name == "A" ? 50 : 150))
                let secret = ResolvedSecret(
                    value: value,
                    namespace: "a",
                    version: "",
                    fetchedAt: now,
                    expiresAt: now.advanced(by: policy.expireAfterWrite)
                )
                let key = StoredKey.named(name)
                cache.store(key, answer: secret, policy: policy, since: cache.epoch(of: key.name), at: now)
            }
            let before = ArenaProbe.count(masked: masked)
            #expect(before.full == 2)
            try reaper.start()
            var wiped = 0
            for await late in lateness {
                wiped += 1
                let left = ArenaProbe.count(masked: masked)
                #expect(late >= 0)
                // The second may have gone too by now, but never the first without a trace of its eight neighbours left.
                #expect(left.full <= 2 - wiped)
                if wiped == 2 {
                    #expect(left.fragments == 0)
                    break
                }
            }
            reaper.stop()
        }
    }

    @Test("values go shortly after their deadlines, and each is counted", .timeLimit(.minutes(1)))
    func lateness() async throws {
        let cache = Cache()
        let (reaper, lateness) = try Self.watched(cache)
        try reaper.start()
        let count = 300
        for index in 0..<count {
            let lifetime = Duration.milliseconds(20 + (index * 37) % 200)
            try cache.keep(1, for: .named("KEY_\(index)"), policy: .lasting(lifetime), at: .now)
        }
        var seen: [Int64] = []
        for await late in lateness {
            seen.append(late)
            if seen.count == count { break }
        }
        reaper.stop()
        #expect(cache.statistics.entries == 0)
        #expect(cache.statistics.expirations == UInt64(count))
        seen.sort()
        #expect(seen[0] >= 0)
        // A bound for busy machines and sanitizers; what an idle one does, benchmarks tell.
        #expect(seen[count / 2] < 100_000_000, "\(seen[count / 2]) ns")
        let recorded = reaper.lateness
        #expect(recorded.counts.reduce(0, +) == UInt64(count))
        #expect(recorded.sumNanoseconds == seen.reduce(0, +))
    }

    @Test("an earlier deadline that comes later is kept", .timeLimit(.minutes(1)))
    func earlier() async throws {
        let cache = Cache()
        let (reaper, lateness) = try Self.watched(cache)
        try reaper.start()
        try cache.keep(1, for: .named("LONG"), policy: .lasting(.seconds(3600)), at: .now)
        try cache.keep(1, for: .named("SHORT"), policy: .lasting(.milliseconds(30)), at: .now)
        var wiped = lateness.makeAsyncIterator()
        let late = await wiped.next()
        #expect(late != nil)
        #expect(cache.look(.named("SHORT"), at: .now) == .miss)
        #expect(cache.look(.named("LONG"), at: .now) == .hit(1, refresh: false))
        reaper.stop()
    }

    @Test("what was due before the start goes at the start", .timeLimit(.minutes(1)))
    func overdue() async throws {
        let cache = Cache()
        try cache.keep(1, policy: .lasting(.seconds(1)), at: BootInstant.now.advanced(by: .seconds(-5)))
        let (reaper, lateness) = try Self.watched(cache)
        try reaper.start()
        var wiped = lateness.makeAsyncIterator()
        let late = try #require(await wiped.next())
        #expect(late >= 4_000_000_000)
        reaper.stop()
    }

    @Test("of two deadlines set at the same time the earlier one holds", .timeLimit(.minutes(2)))
    func simultaneous() async throws {
        for _ in 0..<150 {
            let cache = Cache()
            let (reaper, lateness) = try Self.watched(cache)
            try reaper.start()
            try Threads.run(3) { thread in
                let lifetime: Duration = thread == 1 ? .milliseconds(3) : .seconds(3600)
                try? cache.keep(1, for: .named("KEY_\(thread)"), policy: .lasting(lifetime), at: .now)
            }
            var wiped = lateness.makeAsyncIterator()
            _ = await wiped.next()
            #expect(cache.statistics.entries == 2)
            reaper.stop()
        }
    }

    @Test("stopping ends the thread at once, whatever is stored meanwhile", .timeLimit(.minutes(2)))
    func stops() throws {
        for _ in 0..<50 {
            let cache = Cache()
            var reaper: Reaper? = try Reaper(cache: cache)
            weak let ended = reaper
            try reaper?.start()
            let isStopped = Atomic(false)
            let duration = Atomic<Int64>(0)
            try Threads.run(2) { [reaper] thread in
                if thread == 1 {
                    let start = BootInstant.now
                    reaper?.stop()
                    duration.store(BootInstant.now.nanoseconds(since: start), ordering: .relaxed)
                    isStopped.store(true, ordering: .releasing)
                } else {
                    // Each deadline is before the one before it, so that each sets the timer.
                    var lifetime = Duration.seconds(20)
                    while !isStopped.load(ordering: .acquiring) {
                        try? cache.keep(1, policy: .lasting(lifetime), at: .now)
                        lifetime -= .milliseconds(1)
                    }
                }
            }
            reaper = nil
            // The thread was the last to hold it.
            #expect(ended == nil)
            try #require(duration.load(ordering: .relaxed) < 5_000_000_000)
        }
    }

    @Test("stopping twice, or what never began, is harmless")
    func stopsTwice() throws {
        let idle = try Reaper(cache: Cache())
        idle.stop()
        let reaper = try Reaper(cache: Cache())
        try reaper.start()
        reaper.stop()
        reaper.stop()
        #expect(reaper.lateness.counts.count == Reaper.latenessBounds.count + 1)
    }
}
