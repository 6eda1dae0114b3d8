/// The 16 bytes that each frame begins with, in network byte order.
///
/// It holds what the bytes say. Whether a frame may look so is for ``FrameReader`` to decide.
package struct FrameHeader: Equatable, Sendable {
    /// Bytes of a header on the wire.
    package static let byteCount = 16
    /// Bytes of the header that the length field counts: all but itself.
    package static let countedBytes = 12

    /// Bytes of the payload.
    package var payloadCount: Int
    /// The request that the frame belongs to; 0 in frames that are about the connection.
    package var id: UInt32
    package var kind: FrameKind
    /// 0 in `tacit/1`.
    package var flags: UInt8
    /// What a request asks for; 0 in other frames.
    package var method: Method
    /// In a request its time-out in milliseconds, in a response its status, else 0.
    package var word: UInt32

    package init(
        payloadCount: Int,
        id: UInt32,
        kind: FrameKind,
        flags: UInt8 = 0,
        method: Method = Method(rawValue: 0),
        word: UInt32 = 0
    ) {
        self.payloadCount = payloadCount
        self.id = id
        self.kind = kind
        self.flags = flags
        self.method = method
        self.word = word
    }

    /// A request's header.
    ///
    /// - Parameter timeout: milliseconds; 0 leaves it to the agent.
    package static func request(
        _ method: Method,
        id: UInt32,
        timeout: UInt32 = 0,
        payloadCount: Int = 0
    ) -> FrameHeader {
        FrameHeader(payloadCount: payloadCount, id: id, kind: .request, method: method, word: timeout)
    }

    /// A response's header.
    package static func response(id: UInt32, status: Status = .ok, payloadCount: Int = 0) -> FrameHeader {
        FrameHeader(payloadCount: payloadCount, id: id, kind: .response, word: status.rawValue)
    }

    /// The header of a frame about the connection.
    package static func connection(_ kind: FrameKind, payloadCount: Int = 0) -> FrameHeader {
        FrameHeader(payloadCount: payloadCount, id: 0, kind: kind)
    }

    /// Milliseconds that a request may take; nil where it leaves that to the agent.
    package var timeout: UInt32? { kind == .request && word != 0 ? word : nil }
    /// The status of a response.
    package var status: Status { Status(rawValue: kind == .response ? word : 0) }

    /// Writes the header's 16 bytes.
    package func encode(into output: inout OutputSpan<UInt8>) {
        precondition(payloadCount >= 0 && payloadCount < 1 << 31, "a payload's length must fit the header")
        output.append(bigEndian: UInt32(payloadCount + FrameHeader.countedBytes))
        output.append(bigEndian: id)
        output.append(kind.rawValue)
        output.append(flags)
        output.append(UInt8(truncatingIfNeeded: method.rawValue >> 8))
        output.append(UInt8(truncatingIfNeeded: method.rawValue))
        output.append(bigEndian: word)
    }
}

extension OutputSpan where Element == UInt8 {
    fileprivate mutating func append(bigEndian value: UInt32) {
        append(UInt8(truncatingIfNeeded: value >> 24))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }
}
