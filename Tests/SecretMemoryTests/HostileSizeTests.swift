import Testing

@testable import SecretMemory

@Suite("Hostile sizes")
struct HostileSizeTests {
    static let sizes = [-1, Int.min, 1 << 30, Int.max / 2, Int.max - 31, Int.max - 15, Int.max]

    @Test("a size that no arena has is refused, and does not end the process", arguments: sizes)
    func blocks(byteCount: Int) throws {
        #expect(throws: MemoryError.arenaFull) { _ = unsafe try Arena.allocate(byteCount, account: .general) }
        let block = unsafe try Arena.allocate(64, account: .general)
        #expect(throws: MemoryError.arenaFull) {
            _ = unsafe try Arena.reallocate(block, to: byteCount, account: .general)
        }
        unsafe Arena.deallocate(block)
    }

    @Test("a buffer refuses what is beyond its limit, however far", arguments: [101, 1 << 30, Int.max - 50, Int.max])
    func buffers(byteCount: Int) throws {
        var buffer = SecretBuffer(limit: 100)
        try buffer.append([1, 2, 3].span)
        do throws(MemoryError) {
            try buffer.reserve(byteCount)
            Issue.record("\(byteCount) bytes were promised")
        } catch {
            #expect(error == .accountFull(.tls))
        }
        #expect(buffer.count == 3)
    }
}
