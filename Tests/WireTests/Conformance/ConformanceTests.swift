import Testing

@testable import Wire

@Suite("Messages agree with swift-protobuf")
struct ConformanceTests {
    @Test("on random messages, byte for byte", arguments: Codec.all)
    func randomMessages(codec: Codec) throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<100 {
            let bytes = codec.random(&generator)
            #expect(try codec.ours(bytes) == bytes)
        }
    }

    @Test("on the empty message", arguments: Codec.all)
    func emptyMessage(codec: Codec) throws {
        #expect(try codec.ours([]) == codec.theirs([]))
    }

    /// The second message's fields count, and its elements and parts are added to those of the first.
    @Test("on two messages in one payload", arguments: Codec.all)
    func concatenation(codec: Codec) throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<50 {
            let bytes = codec.random(&generator) + codec.random(&generator)
            #expect(try codec.ours(bytes) == codec.theirs(bytes))
        }
    }

    @Test("on fields that nobody knows", arguments: Codec.all)
    func unknownFields(codec: Codec) throws {
        let unknown: [[UInt8]] = [
            [0xA0, 0x06, 0x96, 0x01],  // 100: varint
            [0xA1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],  // 100: eight bytes
            [0xA2, 0x06, 3, 1, 2, 3],  // 100: three bytes
            [0xA3, 0x06, 0xAB, 0x06, 0x08, 0x01, 0xAC, 0x06, 0xA4, 0x06],  // 100: a group with a group
            [0xA5, 0x06, 1, 2, 3, 4],  // 100: four bytes
            [0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0x00],  // 2^29 - 1, the largest number
        ]
        var generator = SeededGenerator(seed: 3)
        for field in unknown {
            let bytes = codec.random(&generator)
            #expect(try codec.ours(field + bytes + field) == bytes)
            #expect(try codec.theirs(field + bytes + field) == bytes)
        }
    }

    /// Known numbers with each wire type: where it is not the field's own, the field is skipped.
    @Test("on known fields of another wire type", arguments: Codec.all)
    func otherWireTypes(codec: Codec) throws {
        for number in UInt8(1)...15 {
            let fields: [[UInt8]] = [
                [number << 3, 0x05], [number << 3 | 1, 8, 7, 6, 5, 4, 3, 2, 1], [number << 3 | 2, 0],
                [number << 3 | 3, number << 3 | 4], [number << 3 | 5, 4, 3, 2, 1],
            ]
            for field in fields {
                #expect(try codec.ours(field) == codec.theirs(field), "field \(number), type \(field[0] & 7)")
            }
        }
    }

    @Test("on numbers written with more bytes than they need", arguments: Codec.all)
    func paddedVarints(codec: Codec) throws {
        let paddedValue: [UInt8] = [0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]
        let overflowing: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
        for number in UInt8(1)...8 {
            for value in [paddedValue, overflowing] {
                for tag in [[number << 3], [number << 3 | 0x80, 0x80, 0x00]] {
                    #expect(try codec.ours(tag + value) == codec.theirs(tag + value))
                }
            }
        }
    }
}
