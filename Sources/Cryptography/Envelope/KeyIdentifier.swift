/// The public name of a secret: eight bytes derived from it, which stand in each envelope sealed under it.
package struct KeyIdentifier: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of an identifier.
    package static let byteCount = 8

    /// The bytes, big-endian.
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Reads the identifier at the front of `bytes`, which has eight bytes or more.
    init(_ bytes: Span<UInt8>) {
        var value: UInt64 = 0
        for index in 0..<Self.byteCount { value = value << 8 | UInt64(bytes[index]) }
        rawValue = value
    }

    /// The bytes in order.
    package var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> (56 - 8 * $0)) } }

    /// Sixteen hexadecimal digits.
    package var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
