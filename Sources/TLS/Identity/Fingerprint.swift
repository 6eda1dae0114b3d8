/// The SHA-256 of a certificate.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    private let words: [4 of UInt64]

    /// - Parameter bytes: 32 bytes.
    init(_ bytes: Span<UInt8>) {
        precondition(bytes.count == 32, "a SHA-256 has 32 bytes")
        words = [4 of UInt64] { word in
            var value: UInt64 = 0
            for index in 0..<8 { value = value << 8 | UInt64(bytes[word * 8 + index]) }
            return value
        }
    }

    package static func == (left: Fingerprint, right: Fingerprint) -> Bool {
        left.words[0] == right.words[0] && left.words[1] == right.words[1] && left.words[2] == right.words[2]
            && left.words[3] == right.words[3]
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words[0])
        hasher.combine(words[1])
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        hexadecimal(
            [UInt8](capacity: 32) { output in
                for word in words.indices {
                    for shift in stride(from: 56, through: 0, by: -8) {
                        output.append(UInt8(truncatingIfNeeded: words[word] >> UInt64(shift)))
                    }
                }
            }
        )
    }
}

/// Two lower-case digits for each byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
    unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { output in
        for (index, byte) in bytes.enumerated() {
            for (offset, digit) in [byte >> 4, byte & 15].enumerated() {
                unsafe output[index * 2 + offset] =
                    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
        }
        return bytes.count * 2
    }
}
