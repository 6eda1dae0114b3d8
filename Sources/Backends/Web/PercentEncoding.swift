/// Percent-encoding of RFC 3986.
enum PercentEncoding {
    /// Encodes all bytes of a text but the unreserved characters, and those of `keeping`.
    ///
    /// - Parameter mark: what begins an encoded byte, for places that give `%` a meaning of their own. It is always encoded.
    static func encode(_ text: String, keeping: String = "", mark: UInt8 = UInt8(ascii: "%")) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte != mark, isUnreserved(byte) || keeping.utf8.contains(byte) {
                encoded.append(byte)
            } else {
                encoded.append(mark)
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// - Returns: nil where what follows a mark is not two digits as ``encode(_:keeping:mark:)`` writes them.
    static func decode(_ text: some StringProtocol, mark: UInt8 = UInt8(ascii: "%")) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == mark else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digits.firstIndex),
                let low = rest.popFirst().flatMap(digits.firstIndex)
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
