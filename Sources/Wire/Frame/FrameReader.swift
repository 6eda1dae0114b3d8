/// Cuts the bytes of one direction of a connection into frames.
///
/// It does no I/O and keeps no bytes: the caller shows it what is buffered, and drops a frame's bytes when it has dealt
/// with them.
package struct FrameReader: Sendable {
    /// Which side reads, and so which kinds of frames it takes.
    package enum Side: Sendable {
        case agent
        case client
    }

    /// What the buffered bytes hold.
    package enum Progress: Equatable, Sendable {
        /// The frame is not whole. Call again when at least `total` bytes are buffered.
        case needMore(total: Int)
        /// A whole frame. `payload` is the place of its payload among the buffered bytes; the frame ends where that
        /// ends.
        case frame(FrameHeader, payload: Range<Int>)
        /// The connection cannot be read any further.
        case malformed(MalformedFrame)
    }

    private let side: Side
    private let payloadLimit: Int
    private var limitNow: Int

    /// A reader for a new connection.
    package init(side: Side, limits: WireLimits = WireLimits()) {
        self.side = side
        payloadLimit = limits.payloadBytes
        // The agent does not know yet who talks; the client chose its agent.
        limitNow = side == .agent ? limits.firstPayloadBytes : limits.payloadBytes
    }

    /// Looks at the frame at the start of `bytes`. The length is checked as soon as the header is there, so that nobody
    /// buffers for a frame that will be refused.
    package mutating func next(in bytes: Span<UInt8>) -> Progress {
        guard bytes.count >= FrameHeader.byteCount else { return .needMore(total: FrameHeader.byteCount) }
        let header: FrameHeader
        do throws(MalformedFrame) { header = try decode(bytes) } catch { return .malformed(error) }
        let end = FrameHeader.byteCount + header.payloadCount
        guard bytes.count >= end else { return .needMore(total: end) }
        limitNow = payloadLimit
        return .frame(header, payload: FrameHeader.byteCount..<end)
    }

    private func decode(_ bytes: Span<UInt8>) throws(MalformedFrame) -> FrameHeader {
        let length = bytes.bigEndian32(at: 0)
        guard length >= UInt32(FrameHeader.countedBytes) else { throw .tooShort(length: length) }
        let payloadCount = Int(length) - FrameHeader.countedBytes
        guard payloadCount <= limitNow else { throw .tooLarge(payload: payloadCount, limit: limitNow) }
        guard let kind = FrameKind(rawValue: bytes[8]) else { throw .unknownKind(bytes[8]) }
        let header = FrameHeader(
            payloadCount: payloadCount,
            id: bytes.bigEndian32(at: 4),
            kind: kind,
            flags: bytes[9],
            method: Method(rawValue: UInt16(bytes[10]) << 8 | UInt16(bytes[11])),
            word: bytes.bigEndian32(at: 12)
        )
        try check(header)
        return header
    }

    private func check(_ header: FrameHeader) throws(MalformedFrame) {
        let kind = header.kind
        guard header.flags == 0 else { throw .unknownFlags(header.flags) }
        switch (kind, side) {
        case (.request, .client), (.cancel, .client), (.response, .agent), (.item, .agent): throw .unexpectedKind(kind)
        default: break
        }
        if kind.belongsToRequest {
            guard header.id != 0 else { throw .missingID(kind) }
        } else {
            guard header.id == 0 else { throw .unexpectedID(kind) }
        }
        guard kind == .request || header.method.rawValue == 0 else { throw .unexpectedMethod(kind) }
        guard kind == .request || kind == .response || header.word == 0 else { throw .unexpectedWord(kind) }
        switch kind {
        case .cancel:
            guard header.payloadCount == 0 else { throw .unexpectedPayload(kind) }
        case .ping, .pong:
            guard header.payloadCount <= WireLimits.pingBytes else {
                throw .tooLarge(payload: header.payloadCount, limit: WireLimits.pingBytes)
            }
        case .request, .response, .item, .goAway: break
        }
    }
}

extension Span<UInt8> {
    fileprivate func bigEndian32(at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in offset..<offset + 4 { value = value << 8 | UInt32(self[index]) }
        return value
    }
}
