public import SecretMemory

/// Base64 of RFC 4648, between locked memory and locked memory.
///
/// Reading is strict: the alphabet that is asked for and no other, padding that is right or not there at all, spare bits that do
/// not matter, and line breaks of every kind taken out first, as encoders that wrap their output put them in.
public enum Base64 {
    /// Why there is no value. Says nothing of the text.
    public enum Failure: Error, Equatable, Sendable {
        /// What is wrong begins at this byte of the text, counted from 0.
        case malformed(position: Int)
        case memory(MemoryError)
    }

    /// The two digits in which the alphabets of section 4 and section 5 differ.
    private struct LastDigits {
        let first: UInt8
        let second: UInt8

        static let standard = LastDigits(first: UInt8(ascii: "+"), second: UInt8(ascii: "/"))
        static let url = LastDigits(first: UInt8(ascii: "-"), second: UInt8(ascii: "_"))
    }

    // MARK: Reading

    /// Reads the standard alphabet.
    public static func decode(
        _ text: Span<UInt8>,
        account: MemoryAccount = .values
    ) throws(Failure) -> SecretBytes {
        try decode(text, .standard, account)
    }

    /// Reads the alphabet for URLs and file names.
    public static func decodeURL(
        _ text: Span<UInt8>,
        account: MemoryAccount = .values
    ) throws(Failure) -> SecretBytes {
        try decode(text, .url, account)
    }

    /// Whether a byte is a digit of the standard alphabet.
    public static func isDigit(_ byte: UInt8) -> Bool { digit(byte, .standard) != nil }

    private static func decode(
        _ text: Span<UInt8>,
        _ digits: LastDigits,
        _ account: MemoryAccount
    ) throws(Failure) -> SecretBytes {
        var malformed: Int?
        let value: SecretBytes
        do throws(MemoryError) {
            value = try SecretBytes(capacity: text.count / 4 * 3 + 3, account: account) { output in
                malformed = decode(text, digits, into: &output)
            }
        } catch {
            throw .memory(error)
        }
        if let malformed { throw .malformed(position: malformed) }
        return value
    }

    /// - Returns: where the text is wrong; nil where it is right.
    private static func decode(
        _ text: Span<UInt8>,
        _ alphabet: LastDigits,
        into output: inout OutputSpan<UInt8>
    ) -> Int? {
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        var index = 0
        while index < text.count {
            let skipped = LineBreak.length(at: index, in: text)
            if skipped > 0 {
                index += skipped
                continue
            }
            let byte = text[index]
            if byte == UInt8(ascii: "=") {
                padding += 1
                // Only a group of two or three digits is completed, and only up to four.
                guard digits % 4 >= 2, digits % 4 + padding <= 4 else { return index }
            } else {
                guard padding == 0, let digit = digit(byte, alphabet) else { return index }
                bits = bits << 6 | UInt32(digit)
                digits += 1
                if digits % 4 == 0 {
                    for shift in [16, 8, 0] as [UInt32] { output.append(UInt8(truncatingIfNeeded: bits >> shift)) }
                    bits = 0
                }
            }
            index += 1
        }
        let rest = digits % 4
        guard rest != 1, padding == 0 || rest + padding == 4 else { return text.count }
        if rest == 2 { output.append(UInt8(truncatingIfNeeded: bits >> 4)) }
        if rest == 3 {
            output.append(UInt8(truncatingIfNeeded: bits >> 10))
            output.append(UInt8(truncatingIfNeeded: bits >> 2))
        }
        return nil
    }

    /// The six bits of a digit; nil where it is none.
    private static func digit(_ byte: UInt8, _ alphabet: LastDigits) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case alphabet.first: 62
        case alphabet.second: 63
        default: nil
        }
    }

    // MARK: Writing

    private static let common = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// Bytes that `byteCount` bytes take when written with padding.
    public static func encodedCount(_ byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }

    /// Writes the standard alphabet with padding and without line breaks.
    public static func encode(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        encode(bytes, .standard, isPadded: true, into: &output)
    }

    /// Writes the alphabet for URLs and file names without padding.
    public static func encodeURL(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        encode(bytes, .url, isPadded: false, into: &output)
    }

    private static func encode(
        _ bytes: Span<UInt8>,
        _ alphabet: LastDigits,
        isPadded: Bool,
        into output: inout OutputSpan<UInt8>
    ) {
        var index = 0
        while index < bytes.count {
            let held = min(3, bytes.count - index)
            var bits: UInt32 = 0
            for offset in 0..<3 { bits = bits << 8 | (offset < held ? UInt32(bytes[index + offset]) : 0) }
            for place in 0..<4 {
                guard place <= held else {
                    if isPadded { output.append(UInt8(ascii: "=")) }
                    continue
                }
                switch Int(bits >> UInt32(18 - 6 * place)) & 63 {
                case 62: output.append(alphabet.first)
                case 63: output.append(alphabet.second)
                case let digit: output.append(common[digit])
                }
            }
            index += 3
        }
    }
}
