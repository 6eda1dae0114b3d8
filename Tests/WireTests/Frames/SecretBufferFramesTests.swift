import SecretMemory
import Testing

@testable import Wire

@Suite("Frames in locked memory")
struct SecretBufferFramesTests {
    private func bytes(_ span: Span<UInt8>) -> [UInt8] {
        [UInt8](capacity: span.count) { $0.append(contentsOf: span) }
    }

    @Test func `an answer has its header, its fields and the value last`() throws {
        var buffer = SecretBuffer(limit: 1000)
        let version = Array("7".utf8)
        let namespace = Array("company".utf8)
        let value = Array("needle".utf8)
        try buffer.appendResponse(
            id: 5,
            SecretView(
                version: version.span,
                source: .cached,
                age: 300,
                expiresIn: 0,
                namespace: namespace.span,
                value: value.span
            )
        )
        let payload: [UInt8] =
            [0x0A, 1] + version + [0x10, 2, 0x18, 0xAC, 2, 0x20, 0, 0x2A, 7] + namespace + [0x7A, 6] + value
        let header: [UInt8] = [0, 0, 0, UInt8(12 + payload.count), 0, 0, 0, 5, 2, 0, 0, 0, 0, 0, 0, 0]
        #expect(bytes(buffer.bytes) == header + payload)
    }

    @Test func `a batch grows result by result, and its header then says how long it became`() throws {
        var buffer = SecretBuffer(limit: 1000)
        try buffer.appendFrame(.connection(.ping), payload: [1, 2, 3].span)
        let place = try buffer.beginFrame(.response(id: 8))
        let value = Array("needle".utf8)
        try buffer.appendResult(
            SecretResultView(
                SecretView(
                    version: Span(),
                    source: .fresh,
                    age: 0,
                    expiresIn: nil,
                    namespace: Span(),
                    value: value.span
                )
            )
        )
        try buffer.appendResult(SecretResultView(.notFound, ErrorPayload(reason: .keyNotFound, message: "no")))
        let payload = buffer.endFrame(begunAt: place)
        buffer.consume(19)

        var reader = FrameReader(side: .client)
        let header = FrameHeader.response(id: 8, payloadCount: payload)
        #expect(reader.next(in: buffer.bytes) == .frame(header, payload: 16..<16 + payload))
        var results = try SecretResultList(decoding: buffer.bytes.extracting(16...))
        #expect(results.count == 2)
        guard let first = results.next(), let second = results.next() else {
            Issue.record("two results were written")
            return
        }
        let secret = try SecretResultView(decoding: first)
        #expect(secret.status == .ok)
        #expect(bytes(secret.secret.value) == value)
        let failure = try SecretResultView(decoding: second)
        #expect(failure.status == .notFound)
        #expect(failure.error == ErrorPayload(reason: .keyNotFound, message: "no"))
        let isAtEnd = results.next() == nil
        #expect(isAtEnd)
    }

    @Test func `a frame that does not fit leaves the buffer as it was`() throws {
        var buffer = SecretBuffer(limit: 100)
        try buffer.appendFrame(.connection(.pong), payload: [1].span)
        let value = [UInt8](repeating: 1, count: 200)
        #expect(throws: MemoryError.self) {
            try buffer.appendResponse(
                id: 1,
                SecretView(
                    version: Span(),
                    source: .fresh,
                    age: 0,
                    expiresIn: nil,
                    namespace: Span(),
                    value: value.span
                )
            )
        }
        let count = buffer.count
        #expect(count == 17)
    }

    @Test func `a failure carries its status in the header and its words in the payload`() throws {
        var buffer = SecretBuffer(limit: 1000)
        try buffer.appendFailure(
            id: 2,
            .unavailable,
            ErrorPayload(reason: .overloaded, message: "later", retryAfter: 50)
        )
        var reader = FrameReader(side: .client)
        guard case .frame(let header, let payload) = reader.next(in: buffer.bytes) else {
            Issue.record("a whole frame was written")
            return
        }
        #expect(header.status == .unavailable)
        let error = try ErrorPayload(decoding: buffer.bytes.extracting(payload))
        #expect(error == ErrorPayload(reason: .overloaded, message: "later", retryAfter: 50))
    }

    @Test func `references go into one request`() throws {
        var buffer = SecretBuffer(limit: 100_000)
        let place = try buffer.beginFrame(.request(.getSecrets, id: 1))
        for index in 0..<64 {
            let key = Array("K\(index)".utf8)
            try buffer.appendReference(ReferenceView(namespace: Span(), key: key.span))
        }
        buffer.endFrame(begunAt: place)
        var list = try ReferenceList(decoding: buffer.bytes.extracting(16...))
        var keys: [String] = []
        while let payload = list.next() {
            let key = try ReferenceView(decoding: payload).key
            keys.append(String(decoding: bytes(key), as: UTF8.self))
        }
        #expect(keys == (0..<64).map { "K\($0)" })
        #expect(list.count == 64)
    }
}
