/// The rules for a SPIFFE ID, `spiffe://trust-domain/path`. Identities are compared as bytes, so only the one
/// canonical spelling is accepted.
package enum SpiffeID {
    /// Most bytes of an ID.
    package static let byteLimit = 2048
    /// Most bytes of its trust domain.
    package static let trustDomainLimit = 255

    /// Whether `bytes` are a SPIFFE ID with a trust domain and a path: lower-case letters, digits, `.`, `-` and `_`
    /// in the domain; letters, digits, `.`, `-` and `_` in the path's segments, none of which is empty, `.` or `..`.
    /// So there is no user, port, query, fragment or percent-encoding.
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        let scheme: StaticString = "spiffe://"
        let start = scheme.utf8CodeUnitCount
        guard bytes.count > start, bytes.count <= byteLimit else { return false }
        for index in 0..<start where unsafe bytes[index] != scheme.utf8Start[index] { return false }
        var index = start
        while index < bytes.count, bytes[index] != slash {
            guard isDomainByte(bytes[index]) else { return false }
            index += 1
        }
        guard index > start, index - start <= trustDomainLimit, index < bytes.count else { return false }
        while index < bytes.count {
            index += 1  // the slash
            let first = index
            while index < bytes.count, bytes[index] != slash {
                guard isPathByte(bytes[index]) else { return false }
                index += 1
            }
            if isEmptyOrDots(bytes, first, index) { return false }
        }
        return true
    }

    /// Whether `text` is a SPIFFE ID.
    package static func isValid(_ text: String) -> Bool { isValid(Array(text.utf8).span) }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    private static func isEmptyOrDots(_ bytes: Span<UInt8>, _ first: Int, _ end: Int) -> Bool {
        switch end - first {
        case 0: true
        case 1: bytes[first] == dot
        case 2: bytes[first] == dot && bytes[first + 1] == dot
        default: false
        }
    }

    private static func isDomainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        isDomainByte(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
