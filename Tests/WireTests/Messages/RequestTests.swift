import Testing

@testable import Wire

@Suite("Requests")
struct RequestTests {
    @Test func `a reference's fields look at the payload itself`() throws {
        let payload: [UInt8] = [0x0A, 3] + Array("a.b".utf8) + [0x12, 1] + Array("K".utf8) + [0x28, 0x00]
        let span = payload.span
        let view = try ReferenceView(decoding: span)
        #expect(span.indices(of: view.namespace) == 2..<5)
        #expect(span.indices(of: view.key) == 7..<8)
        #expect(view.subkey.isEmpty && view.version.isEmpty && view.tenant.isEmpty)
        #expect(view.maximumAge == 0)
        let bare = try ReferenceView(decoding: Span())
        #expect(bare.maximumAge == nil)
    }

    @Test func `the value of a put stays where it arrived`() throws {
        let payload: [UInt8] = [0x22, 6, 0x0A, 1, 0x61, 0x12, 1, 0x62, 0x7A, 3, 9, 9, 9]
        let span = payload.span
        let view = try PutSecretView(decoding: span)
        #expect(span.indices(of: view.value) == 10..<13)
        #expect(view.tags == ["a": "b"])
    }

    @Test func `sixty-four references are taken and one more is not`() throws {
        func request(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in [UInt8]([0x0A, 2, 0x12, 0]) } }
        let count = try ReferenceList(decoding: request(64).span).count
        #expect(count == 64)
        let error = #expect(throws: Malformed.self) { _ = try ReferenceList(decoding: request(65).span).count }
        #expect(error == Malformed(.tooManyReferences, at: 257))
    }

    @Test func `a reference that cannot be read leaves the others readable`() throws {
        let payload: [UInt8] = [0x0A, 3, 0x12, 1, 0xFF, 0x0A, 3, 0x12, 1, 0x4B]
        var list = try ReferenceList(decoding: payload.span)
        guard let bad = list.next(), let good = list.next() else {
            Issue.record("there are two references")
            return
        }
        let error = #expect(throws: Malformed.self) { _ = try ReferenceView(decoding: bad).key.count }
        #expect(error?.fault == .notUTF8)
        let key = try ReferenceView(decoding: good).key
        #expect(key.count == 1 && key[0] == 0x4B)
    }

    @Test func `sixty-four tags are taken and one more is not`() throws {
        func request(_ count: Int) -> [UInt8] {
            (0..<count).flatMap { index in
                [UInt8]([0x22, 4, 0x0A, 2, 0x41 + UInt8(index / 26), 0x41 + UInt8(index % 26)])
            }
        }
        let count = try PutSecretView(decoding: request(64).span).tags.count
        #expect(count == 64)
        let error = #expect(throws: Malformed.self) { _ = try PutSecretView(decoding: request(65).span).tags.count }
        #expect(error?.fault == .tooManyTags)
    }
}
