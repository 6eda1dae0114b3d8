import Glibc
import Testing

@testable import SecretMemory

@Suite("Arena check")
struct ArenaCheckTests {
    /// Walks through the whole arena once.
    private static func walk(_ check: inout ArenaCheck) {
        let passes = check.passes
        while check.passes == passes { check.advance(slabs: 7) }
    }

    @Test func `an arena that is in use is sound, and all of its small blocks are looked at`() async {
        await #expect(processExitsWith: .success) {
            var check = ArenaCheck()
            // Of each class, so many that some are held, some are free, and some slabs are full.
            var held: [UnsafeMutableRawPointer] = unsafe []
            let sizes = SizeClass.sizes
            for size in sizes {
                for _ in 0..<300 {
                    let block = unsafe try Arena.allocate(size - SizeClass.headerBytes, account: .general)
                    unsafe held.append(block)
                }
            }
            for index in unsafe held.indices where index % 3 == 0 { unsafe memset(held[index], 0xff, 16) }
            ArenaCheckTests.walk(&check)
            let count = check.checkedBlocks
            precondition(count >= 300 * UInt64(SizeClass.count), "only \(count) blocks were looked at")
            precondition(check.isSound)
            // Slabs that are given back are pages again, whose bytes are nobody's headers.
            while let block = unsafe held.popLast() { unsafe Arena.deallocate(block) }
            let pages = unsafe try Arena.allocate(200_000, account: .general)
            unsafe memset(pages, 0x5a, 200_000)
            ArenaCheckTests.walk(&check)
            precondition(check.isSound)
        }
    }

    @Test("a write beyond the end of a block is found", arguments: [32, 112, 1024])
    func overflow(byteCount: Int) async {
        await #expect(processExitsWith: .success) { [byteCount = byteCount as Int] in
            var check = ArenaCheck()
            let block = unsafe try Arena.allocate(byteCount, account: .general)
            ArenaCheckTests.walk(&check)
            precondition(check.isSound)
            let room = unsafe Int(BlockHeader.of(block).pointee.total) - SizeClass.headerBytes
            // The last block of a slab has no neighbour; the first has.
            unsafe memset(block + room, 0x41, 4)
            ArenaCheckTests.walk(&check)
            precondition(check.damagedBlocks == 1)
            ArenaCheckTests.walk(&check)
            precondition(!check.isSound, "damage is never forgotten")
        }
    }

    @Test func `threads that allocate meanwhile are not taken for damage`() async {
        await #expect(processExitsWith: .success) {
            let threads = try (0..<3).map { index in
                ThreadHolder(
                    try DedicatedThread(name: "allocates") {
                        var size = 16 + index
                        for _ in 0..<60_000 {
                            size = (size * 31 + 17) % 4000
                            guard let block = unsafe try? Arena.allocate(size, account: .general) else { continue }
                            unsafe memset(block, 0x5a, size)
                            unsafe Arena.deallocate(block)
                        }
                    }
                )
            }
            var check = ArenaCheck()
            for _ in 0..<200 { ArenaCheckTests.walk(&check) }
            for thread in threads { thread.join() }
            precondition(check.isSound, "\(check.damagedBlocks) of \(check.checkedBlocks)")
        }
    }

    /// A class box, so that an array can hold threads.
    private final class ThreadHolder {
        private var thread: DedicatedThread?
        init(_ thread: consuming DedicatedThread) { self.thread = consume thread }
        func join() { thread.take()?.join() }
    }
}
