import Testing

@testable import Wire

@Suite("Frame header")
struct FrameHeaderTests {
    @Test func `it is sixteen bytes in network byte order`() {
        let header = FrameHeader(
            payloadCount: 0x010203,
            id: 0x0A0B_0C0D,
            kind: .request,
            method: .evict,
            word: 0x1112_1314
        )
        let bytes = [UInt8](capacity: 16) { header.encode(into: &$0) }
        #expect(bytes == [0, 1, 2, 15, 10, 11, 12, 13, 1, 0, 0, 32, 0x11, 0x12, 0x13, 0x14])
    }

    @Test func `a request carries its time-out and a response its status`() {
        #expect(FrameHeader.request(.health, id: 1, timeout: 250).timeout == 250)
        #expect(FrameHeader.request(.health, id: 1).timeout == nil)
        #expect(FrameHeader.response(id: 1, status: .notFound).status == .notFound)
        #expect(FrameHeader.response(id: 1, status: .notFound).timeout == nil)
        #expect(FrameHeader.request(.health, id: 1, timeout: 5).status == .ok)
    }

    @Test(arguments: FrameKind.allCases)
    func `what is written is what a reader finds`(kind: FrameKind) {
        let side: FrameReader.Side = kind == .response || kind == .item ? .client : .agent
        let header = FrameHeader(payloadCount: 0, id: kind.belongsToRequest ? 7 : 0, kind: kind)
        let bytes = [UInt8](capacity: 16) { header.encode(into: &$0) }
        var reader = FrameReader(side: side)
        #expect(reader.next(in: bytes.span) == .frame(header, payload: 16..<16))
    }
}
