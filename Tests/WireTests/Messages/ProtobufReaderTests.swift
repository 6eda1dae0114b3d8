import Testing

@testable import Wire

@Suite("Protobuf reader")
struct ProtobufReaderTests {
    private func fault(_ bytes: [UInt8]) -> Malformed? {
        do {
            _ = try EmptyMessage(decoding: bytes.span)
            return nil
        } catch {
            return error
        }
    }

    @Test func `each fault is named, with its place`() {
        let varint: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
        #expect(fault([0x08, 0x01, 0x08]) == Malformed(.truncated, at: 3))
        #expect(fault([0x08, 0x80]) == Malformed(.truncated, at: 1))
        #expect(fault([0x08] + varint) == Malformed(.varintTooLong, at: 1))
        #expect(fault([0x00, 0x00]) == Malformed(.fieldNumber, at: 0))
        #expect(fault([0x80, 0x80, 0x80, 0x80, 0x10, 0x00]) == Malformed(.fieldNumber, at: 0))
        #expect(fault([0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00]) == Malformed(.fieldNumber, at: 0))
        #expect(fault([0x0E]) == Malformed(.wireType, at: 0))
        #expect(fault([0x0F]) == Malformed(.wireType, at: 0))
        #expect(fault([0x09, 1, 2, 3, 4, 5, 6, 7]) == Malformed(.truncated, at: 1))
        #expect(fault([0x0D, 1, 2, 3]) == Malformed(.truncated, at: 1))
        #expect(fault([0x0A, 4, 1, 2, 3]) == Malformed(.truncated, at: 1))
        #expect(fault([0x0C]) == Malformed(.group, at: 0))
        #expect(fault([0x0B, 0x14]) == Malformed(.group, at: 1))
        #expect(fault([0x0B]) == Malformed(.group, at: 1))
        #expect(fault([0x0B, 0x0C]) == nil)
    }

    @Test func `a fault in a message within a message is placed in the payload`() {
        let payload: [UInt8] = [0x10, 0x01, 0x0A, 3, 0x0A, 1, 0xFF]
        #expect(throws: Malformed(.notUTF8, at: 6)) {
            _ = try HeartbeatView(decoding: payload.span).timeout
        }
    }

    @Test func `what is not UTF-8 is refused in a string, and taken in bytes`() throws {
        let wrong: [[UInt8]] = [
            [0x80], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ]
        for text in wrong {
            let string: [UInt8] = [0x0A, UInt8(text.count)] + text
            #expect(throws: Malformed(.notUTF8, at: 2)) { _ = try ReferenceView(decoding: string.span).key.count }
            let value: [UInt8] = [0x7A, UInt8(text.count)] + text
            let count = try SecretView(decoding: value.span).value.count
            #expect(count == text.count)
        }
    }

    @Test func `every fault has a sentence`() {
        let faults: [Malformed.Fault] = [
            .truncated, .varintTooLong, .fieldNumber, .wireType, .group, .tooDeep, .notUTF8, .tooManyReferences,
            .tooManyTags,
        ]
        #expect(Set(faults.map { Malformed($0, at: 3).description }).count == faults.count)
    }
}
