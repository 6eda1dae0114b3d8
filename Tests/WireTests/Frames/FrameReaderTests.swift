import Testing

@testable import Wire

@Suite("Frame reader")
struct FrameReaderTests {
    private func frame(_ header: FrameHeader, _ payload: [UInt8] = []) -> [UInt8] {
        var header = header
        header.payloadCount = payload.count
        return [UInt8](capacity: 16) { header.encode(into: &$0) } + payload
    }

    private func read(_ bytes: [UInt8], _ side: FrameReader.Side = .agent) -> FrameReader.Progress {
        var reader = FrameReader(side: side)
        return reader.next(in: bytes.span)
    }

    @Test func `a frame that trickles in is whole at its last byte and says before how much it needs`() {
        let whole = frame(.request(.getSecret, id: 9, timeout: 100), [1, 2, 3, 4, 5])
        for count in 0..<16 { #expect(read(Array(whole.prefix(count))) == .needMore(total: 16)) }
        for count in 16..<21 { #expect(read(Array(whole.prefix(count))) == .needMore(total: 21)) }
        let header = FrameHeader.request(.getSecret, id: 9, timeout: 100, payloadCount: 5)
        #expect(read(whole) == .frame(header, payload: 16..<21))
        #expect(read(whole + [7, 7, 7]) == .frame(header, payload: 16..<21))
    }

    @Test func `frames that came in one piece are cut apart`() {
        let bytes =
            frame(.request(.health, id: 1)) + frame(.connection(.ping), [1, 2]) + frame(.request(.whoAmI, id: 2), [3])
        var reader = FrameReader(side: .agent)
        var ids: [UInt32] = []
        var start = 0
        while case .frame(let header, let payload) = reader.next(in: bytes.span.extracting(start...)) {
            ids.append(header.id)
            start += payload.upperBound
        }
        #expect(ids == [1, 0, 2])
        #expect(start == bytes.count)
    }

    @Test func `a length that does not cover the header is refused`() {
        for length in UInt8(0)..<12 {
            var bytes = frame(.request(.health, id: 1))
            bytes[3] = length
            #expect(read(bytes) == .malformed(.tooShort(length: UInt32(length))))
        }
    }

    @Test func `a payload over the limit is refused before it arrives, and the first may be smaller only`() {
        var reader = FrameReader(side: .agent)
        func header(_ payload: Int) -> [UInt8] {
            [UInt8](capacity: 16) { FrameHeader.request(.putSecret, id: 1, payloadCount: payload).encode(into: &$0) }
        }
        #expect(reader.next(in: header(65_536).span) == .needMore(total: 16 + 65_536))
        #expect(reader.next(in: header(65_537).span) == .malformed(.tooLarge(payload: 65_537, limit: 65_536)))
        guard case .frame = reader.next(in: frame(.request(.health, id: 1)).span) else {
            Issue.record("a request without a payload is a frame")
            return
        }
        #expect(reader.next(in: header(1 << 20).span) == .needMore(total: 16 + 1 << 20))
        let over = 1 << 20 + 1
        #expect(reader.next(in: header(over).span) == .malformed(.tooLarge(payload: over, limit: 1 << 20)))
        let all: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF] + header(0)[4...]
        #expect(reader.next(in: all.span) == .malformed(.tooLarge(payload: 0xFFFF_FFF3, limit: 1 << 20)))
        var client = FrameReader(side: .client)
        let answer = [UInt8](capacity: 16) { FrameHeader.response(id: 1, payloadCount: 1 << 20).encode(into: &$0) }
        #expect(client.next(in: answer.span) == .needMore(total: 16 + 1 << 20))
    }

    @Test func `limits can be set, and the first payload's is never above the other`() {
        var reader = FrameReader(side: .agent, limits: WireLimits(payloadBytes: 10))
        let bytes = frame(.request(.health, id: 1), [UInt8](repeating: 0, count: 11))
        #expect(reader.next(in: bytes.span) == .malformed(.tooLarge(payload: 11, limit: 10)))
        #expect(WireLimits().payloadBytes == 1_048_576)
        #expect(WireLimits().firstPayloadBytes == 65_536)
        #expect(WireLimits().openRequests == 256)
        #expect(WireLimits.references == 64)
        #expect(WireLimits.pingBytes == 64)
    }

    @Test(arguments: [UInt8](0...0) + [UInt8](8...255))
    func `a kind that does not exist is refused`(kind: UInt8) {
        var bytes = frame(.request(.health, id: 1))
        bytes[8] = kind
        #expect(read(bytes) == .malformed(.unknownKind(kind)))
    }

    @Test func `kinds of the other direction are refused`() {
        for kind in [FrameKind.response, .item] {
            #expect(read(frame(FrameHeader(payloadCount: 0, id: 1, kind: kind))) == .malformed(.unexpectedKind(kind)))
        }
        for kind in [FrameKind.request, .cancel] {
            let bytes = frame(FrameHeader(payloadCount: 0, id: 1, kind: kind))
            #expect(read(bytes, .client) == .malformed(.unexpectedKind(kind)))
        }
    }

    @Test(arguments: [UInt8](1...255))
    func `flags are refused`(flags: UInt8) {
        var bytes = frame(.request(.health, id: 1))
        bytes[9] = flags
        #expect(read(bytes) == .malformed(.unknownFlags(flags)))
    }

    @Test(arguments: FrameKind.allCases)
    func `frames of a request need an id, and frames about the connection have none`(kind: FrameKind) {
        let side: FrameReader.Side = kind == .response || kind == .item ? .client : .agent
        let wrong = FrameHeader(payloadCount: 0, id: kind.belongsToRequest ? 0 : 1, kind: kind)
        let fault: MalformedFrame = kind.belongsToRequest ? .missingID(kind) : .unexpectedID(kind)
        #expect(read(frame(wrong), side) == .malformed(fault))
    }

    @Test func `a method belongs in a request, and a word in a request or a response`() {
        for kind in FrameKind.allCases where kind != .request {
            let side: FrameReader.Side = kind == .response || kind == .item ? .client : .agent
            let id: UInt32 = kind.belongsToRequest ? 1 : 0
            let method = FrameHeader(payloadCount: 0, id: id, kind: kind, method: .health)
            #expect(read(frame(method), side) == .malformed(.unexpectedMethod(kind)))
            let word = FrameHeader(payloadCount: 0, id: id, kind: kind, word: 1)
            if kind != .response { #expect(read(frame(word), side) == .malformed(.unexpectedWord(kind))) }
        }
    }

    @Test func `a cancel has no payload, and a ping a small one`() {
        let cancel = FrameHeader(payloadCount: 0, id: 1, kind: .cancel)
        #expect(read(frame(cancel, [1])) == .malformed(.unexpectedPayload(.cancel)))
        for kind in [FrameKind.ping, .pong] {
            let largest = frame(.connection(kind), [UInt8](repeating: 5, count: 64))
            #expect(read(largest) == .frame(.connection(kind, payloadCount: 64), payload: 16..<80))
            let tooLarge = frame(.connection(kind), [UInt8](repeating: 5, count: 65))
            #expect(read(tooLarge) == .malformed(.tooLarge(payload: 65, limit: 64)))
        }
    }

    @Test func `a method that nobody knows and a status that nobody knows are no errors of the frame`() {
        let request = FrameHeader.request(Method(rawValue: 65_535), id: .max)
        #expect(read(frame(request)) == .frame(request, payload: 16..<16))
        let response = FrameHeader.response(id: 1, status: Status(rawValue: 4_000_000_000))
        #expect(read(frame(response), .client) == .frame(response, payload: 16..<16))
    }

    @Test func `random bytes are frames, incomplete or malformed, and never more`() {
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<20_000 {
            var bytes = generator.bytes(0...64)
            if generator.flag() { for index in 0..<min(3, bytes.count) { bytes[index] = 0 } }
            for side in [FrameReader.Side.agent, .client] {
                switch read(bytes, side) {
                case .needMore(let total): #expect(total > bytes.count && total <= 16 + 1 << 20)
                case .frame(let header, let payload):
                    #expect(payload == 16..<16 + header.payloadCount && payload.upperBound <= bytes.count)
                case .malformed(let fault): #expect(!fault.description.isEmpty)
                }
            }
        }
    }
}
