import Testing

@testable import SecretMemory

@Suite("Secret buffer")
struct SecretBufferTests {
    private func bytes(_ values: [UInt8]) throws -> SecretBytes { try SecretBytes(copying: values.span) }

    @Test func `what goes in comes out in order, across growth and compaction`() throws {
        var buffer = SecretBuffer(limit: 100_000)
        var next: UInt8 = 0
        var expected: UInt8 = 0
        for round in 0..<2000 {
            var chunk: [UInt8] = []
            for _ in 0..<(round % 37) {
                chunk.append(next)
                next &+= 1
            }
            try buffer.append(chunk.span)
            let taking = min(buffer.count, round % 31)
            do {
                let waiting = buffer.bytes
                for index in 0..<taking {
                    #expect(waiting[index] == expected)
                    expected &+= 1
                }
            }
            buffer.consume(taking)
        }
    }

    @Test func `the limit holds and nothing is lost at it`() throws {
        var buffer = SecretBuffer(limit: 10)
        try buffer.append([1, 2, 3, 4, 5, 6, 7, 8].span)
        #expect(throws: MemoryError.accountFull(.tls)) { try buffer.append([9, 10, 11].span) }
        #expect(buffer.count == 8)
        buffer.consume(3)
        try buffer.append([9, 10, 11].span)
        #expect(buffer.count == 8)
    }

    @Test func `an empty buffer gives its memory back`() throws {
        var buffer = SecretBuffer(limit: 1 << 20)
        try buffer.append([1].span)
        buffer.shrink()
        #expect(buffer.count == 1)
        buffer.consume(1)
        buffer.shrink()
        let empty = buffer.isEmpty
        #expect(empty)
        try buffer.append([2].span)
        #expect(buffer.bytes[0] == 2)
    }

    @Test func `secret bytes keep what they were given`() throws {
        let secret = try bytes([1, 2, 3])
        let copy = try secret.copy()
        #expect(copy.count == 3)
        #expect(copy.bytes[2] == 3)
        let empty = try SecretBytes(copying: Span())
        #expect(empty.count == 0)
    }
}
