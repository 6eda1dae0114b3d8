import Glibc
import Testing

@testable import SecretMemory

@Suite("Arena")
struct ArenaTests {
    @Test(
        "a block is zeroed, aligned and as large as asked for",
        arguments: [0, 1, 16, 17, 100, 4080, 4081, 5000, 70_000]
    )
    func blocks(byteCount: Int) throws {
        let block = unsafe try Arena.allocate(byteCount, account: .general)
        let address = Int(bitPattern: block)
        let requested = unsafe Arena.requestedBytes(of: block)
        #expect(address % 16 == 0)
        #expect(requested == byteCount)
        for offset in 0..<byteCount where unsafe block.load(fromByteOffset: offset, as: UInt8.self) != 0 {
            Issue.record("byte \(offset) is not zero")
        }
        unsafe memset(block, 0xff, byteCount)
        unsafe Arena.deallocate(block)
    }

    @Test("the whole block is wiped on free", arguments: [100, 5000])
    func wipes(byteCount: Int) throws {
        let block = unsafe try Arena.allocate(byteCount, account: .general)
        unsafe memset(block, 0xa5, byteCount)
        unsafe Arena.deallocate(block)
        // The first word may be the free list's link; the memory stays mapped.
        for offset in 8..<byteCount where unsafe block.load(fromByteOffset: offset, as: UInt8.self) == 0xa5 {
            Issue.record("byte \(offset) of \(byteCount) was left behind")
            return
        }
    }

    @Test("growing moves the bytes and wipes the old block; shrinking wipes the tail")
    func reallocation() throws {
        let small = unsafe try Arena.allocate(64, account: .general)
        unsafe memset(small, 7, 64)
        let large = unsafe try Arena.reallocate(small, to: 9000, account: .general)
        let moved = unsafe large.load(fromByteOffset: 63, as: UInt8.self)
        let beyond = unsafe large.load(fromByteOffset: 64, as: UInt8.self)
        let left = unsafe small.load(fromByteOffset: 32, as: UInt8.self)
        #expect(moved == 7)
        #expect(beyond == 0)
        #expect(left == 0)
        unsafe memset(large, 9, 9000)
        let cut = unsafe try Arena.reallocate(large, to: 8000, account: .general)
        let stayed = unsafe cut == large
        let tail = unsafe cut.load(fromByteOffset: 8500, as: UInt8.self)
        #expect(stayed)
        #expect(tail == 0)
        unsafe Arena.deallocate(cut)
    }

    @Test func `runs of pages leave nothing of their own in a larger block that follows them`() throws {
        var runs: [UInt] = []
        for _ in 0..<64 {
            let run = unsafe try Arena.allocate(5000, account: .general)
            runs.append(UInt(bitPattern: run))
        }
        for run in runs {
            if let pointer = unsafe UnsafeMutableRawPointer(bitPattern: run) { unsafe Arena.deallocate(pointer) }
        }
        let byteCount = 64 * 8192 - 16
        let large = unsafe try Arena.allocate(byteCount, account: .general)
        defer { unsafe Arena.deallocate(large) }
        let dirty = (0..<byteCount).count { unsafe large.load(fromByteOffset: $0, as: UInt8.self) != 0 }
        #expect(dirty == 0)
    }

    @Test func `a double free ends the process`() async {
        await #expect(processExitsWith: .failure) {
            let block = unsafe try Arena.allocate(32, account: .general)
            unsafe Arena.deallocate(block)
            unsafe Arena.deallocate(block)
        }
    }

    @Test func `a foreign pointer is refused`() async {
        await #expect(processExitsWith: .failure) {
            let foreign = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
            unsafe memset(foreign, 0, 64)
            unsafe Arena.deallocate(foreign + 32)
        }
    }

    @Test func `the guard page behind a segment cannot be touched`() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            signal(SIGSEGV, SIG_DFL)
            var end: UnsafeMutableRawPointer?
            _ = unsafe Arena.requestedBytes(of: try Arena.allocate(16, account: .general))
            unsafe Arena.forEachSegment { memory in
                unsafe end = UnsafeMutableRawPointer(mutating: memory.baseAddress.map { unsafe $0 + memory.count })
            }
            unsafe end?.storeBytes(of: 1, as: UInt8.self)
        }
    }

    @Test func `an account that is full is refused while others go on`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try Arena.start(.init(initialBytes: 1 << 20, maximumBytes: 8 << 20))
            var held = 0
            var refused = false
            while held < 200 {
                do throws(MemoryError) {
                    _ = unsafe try Arena.allocate(64 << 10, account: .general)
                    held += 1
                } catch {
                    refused = error == .accountFull(.general)
                    break
                }
            }
            _ = unsafe try Arena.allocate(64 << 10, account: .values)
            // A quarter of 8 MiB is 2 MiB: at most 32 blocks of 64 KiB.
            exit(refused && held <= 32 && held >= 28 ? 0 : 1)
        }
    }

    @Test func `the arena grows to its maximum and then says so`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try Arena.start(.init(initialBytes: 1 << 20, maximumBytes: 3 << 20))
            var sawFull = false
            for account in MemoryAccount.allCases {
                for _ in 0..<100 {
                    do throws(MemoryError) { _ = unsafe try Arena.allocate(32 << 10, account: account) } catch {
                        sawFull = sawFull || error == .arenaFull
                        break
                    }
                }
            }
            exit(sawFull && Arena.usage.mappedBytes <= 3 << 20 ? 0 : 1)
        }
    }

    @Test("each protection can be had, and usage tells which", arguments: [LockLevel.secret, .locked, .none])
    func levels(best: LockLevel) async {
        await #expect(processExitsWith: .exitCode(0)) { [raw = best.rawValue as Int] in
            guard let best = LockLevel(rawValue: raw) else { exit(2) }
            try Arena.start(.init(initialBytes: 1 << 20, best: best, required: best >= .locked))
            exit(Arena.usage.level == best ? 0 : 1)
        }
    }

    @Test func `a required lock that the limit forbids is refused with the limit and the way out`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            // Root may lock without limit, so the test gives that up first.
            guard setgid(65534) == 0, setuid(65534) == 0 else { exit(3) }
            var limit = rlimit(rlim_cur: 64 << 10, rlim_max: 64 << 10)
            guard unsafe setrlimit(__rlimit_resource_t(8), &limit) == 0 else { exit(4) }
            do throws(LockRefusal) {
                try Arena.start(.init(initialBytes: 1 << 20, required: true))
            } catch {
                let text = error.description
                exit(text.contains("RLIMIT_MEMLOCK is 64 KiB") && text.contains("LimitMEMLOCK") ? 0 : 5)
            }
            exit(1)
        }
    }

    @Test func `without the requirement a refused lock still gives memory and says how weak it is`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            guard setgid(65534) == 0, setuid(65534) == 0 else { exit(3) }
            var limit = rlimit(rlim_cur: 64 << 10, rlim_max: 64 << 10)
            guard unsafe setrlimit(__rlimit_resource_t(8), &limit) == 0 else { exit(4) }
            try Arena.start(.init(initialBytes: 1 << 20, required: false))
            exit(Arena.usage.level == .none ? 0 : 1)
        }
    }

    @Test func `threads allocate, hand over and free without harm`() async throws {
        let before = Arena.usage.bytes[.http] ?? 0
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<8 {
                group.addTask {
                    var state = UInt64(seed + 1)
                    var held: [SharedSecret] = []
                    for _ in 0..<4000 {
                        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        let size = Int(state >> 33) % 6000
                        if state & 1 == 0, !held.isEmpty { held.remove(at: Int(state >> 40) % held.count) }
                        guard
                            let value = try? SecretBytes(
                                capacity: size,
                                account: .http,
                                initializingWith: { output in
                                    for _ in 0..<size { output.append(UInt8(truncatingIfNeeded: seed)) }
                                }
                            )
                        else { continue }
                        held.append(SharedSecret(value))
                    }
                    for secret in held {
                        let intact = secret.withBytes { bytes in
                            for index in bytes.indices where bytes[index] != UInt8(seed) { return false }
                            return true
                        }
                        #expect(intact, "a block changed under its owner")
                    }
                }
            }
        }
        let after = Arena.usage.bytes[.http] ?? 0
        let slack = unsafe 64 * 2 * ThreadCache.pendingLimit
        #expect(abs(after - before) < slack)
    }
}
