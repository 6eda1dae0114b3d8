/// How a frame broke the rules. The connection that it came on cannot be read any further.
package enum MalformedFrame: Error, Equatable, Sendable {
    /// The length does not even cover the header.
    case tooShort(length: UInt32)
    /// The payload is larger than the receiver takes.
    case tooLarge(payload: Int, limit: Int)
    /// There is no such kind.
    case unknownKind(UInt8)
    /// This side does not receive frames of this kind.
    case unexpectedKind(FrameKind)
    /// There is no such flag.
    case unknownFlags(UInt8)
    /// A frame of a request without an id.
    case missingID(FrameKind)
    /// A frame about the connection with an id.
    case unexpectedID(FrameKind)
    /// A method in a frame that is no request.
    case unexpectedMethod(FrameKind)
    /// The last word of a header that has no use for it is not 0.
    case unexpectedWord(FrameKind)
    /// A payload in a frame that has none.
    case unexpectedPayload(FrameKind)
}

extension MalformedFrame: CustomStringConvertible {
    /// A sentence for the peer's operator. It holds numbers from the header and nothing else that the peer sent.
    package var description: String {
        switch self {
        case .tooShort(let length): "a frame of length \(length) is shorter than its header"
        case .tooLarge(let payload, let limit): "a payload of \(payload) bytes is larger than \(limit) bytes"
        case .unknownKind(let kind): "there are no frames of kind \(kind)"
        case .unexpectedKind(let kind): "a frame of kind \(kind.rawValue) is not for this side"
        case .unknownFlags(let flags): "there are no flags \(flags)"
        case .missingID(let kind): "a frame of kind \(kind.rawValue) needs an id"
        case .unexpectedID(let kind): "a frame of kind \(kind.rawValue) has no id"
        case .unexpectedMethod(let kind): "a frame of kind \(kind.rawValue) has no method"
        case .unexpectedWord(let kind): "a frame of kind \(kind.rawValue) ends its header with 0"
        case .unexpectedPayload(let kind): "a frame of kind \(kind.rawValue) has no payload"
        }
    }
}
