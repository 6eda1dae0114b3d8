/// A TLS alert, by its number in RFC 8446.
package struct Alert: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let unexpectedMessage = Alert(rawValue: 10)
    package static let handshakeFailure = Alert(rawValue: 40)
    package static let badCertificate = Alert(rawValue: 42)
    package static let unsupportedCertificate = Alert(rawValue: 43)
    package static let certificateRevoked = Alert(rawValue: 44)
    package static let certificateExpired = Alert(rawValue: 45)
    package static let certificateUnknown = Alert(rawValue: 46)
    package static let unknownAuthority = Alert(rawValue: 48)
    package static let protocolVersion = Alert(rawValue: 70)
    package static let internalError = Alert(rawValue: 80)
    package static let certificateRequired = Alert(rawValue: 116)
    package static let noApplicationProtocol = Alert(rawValue: 120)

    /// What the peer says by it, for a person.
    package var description: String {
        switch rawValue {
        case 10: "unexpected message"
        case 20: "bad record"
        case 22: "record overflow"
        case 40: "handshake failure"
        case 42: "bad certificate"
        case 43: "unsupported certificate"
        case 44: "certificate revoked"
        case 45: "certificate expired"
        case 46: "certificate unknown"
        case 47: "illegal parameter"
        case 48: "unknown authority"
        case 49: "access denied"
        case 50: "decode error"
        case 51: "decrypt error"
        case 70: "protocol version"
        case 71: "insufficient security"
        case 80: "internal error"
        case 90: "user canceled"
        case 109: "missing extension"
        case 112: "unrecognized name"
        case 116: "certificate required"
        case 120: "no application protocol"
        default: "alert \(rawValue)"
        }
    }
}
