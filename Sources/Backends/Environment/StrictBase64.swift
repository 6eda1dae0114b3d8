internal import SecretMemory

/// Base64 of RFC 4648 section 4, as strict as the decoder that wrote the format: the standard alphabet, padding that is
/// right or not there at all, spare bits that do not matter, and line breaks of every kind taken out first.
package enum StrictBase64 {
    /// What is wrong, at a byte of the text counted from 0. Says nothing of the text.
    struct Malformed: Error, Equatable {
        let position: Int
    }

    /// Why there is no value.
    enum Failure: Error, Equatable {
        case malformed(Malformed)
        case memory(MemoryError)
    }

    /// Decodes straight into locked memory.
    static func decode(_ text: Span<UInt8>, account: MemoryAccount = .values) throws(Failure) -> SecretBytes {
        var malformed: Malformed?
        let value: SecretBytes
        do throws(MemoryError) {
            value = try SecretBytes(capacity: text.count / 4 * 3 + 3, account: account) { output in
                do throws(Malformed) { try decode(text, into: &output) } catch { malformed = error }
            }
        } catch {
            throw .memory(error)
        }
        if let malformed { throw .malformed(malformed) }
        return value
    }

    private static func decode(_ text: Span<UInt8>, into output: inout OutputSpan<UInt8>) throws(Malformed) {
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
                guard digits % 4 >= 2, digits % 4 + padding <= 4 else { throw Malformed(position: index) }
            } else {
                guard padding == 0, let digit = digit(byte) else { throw Malformed(position: index) }
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
        guard rest != 1, padding == 0 || rest + padding == 4 else { throw Malformed(position: text.count) }
        if rest == 2 { output.append(UInt8(truncatingIfNeeded: bits >> 4)) }
        if rest == 3 {
            output.append(UInt8(truncatingIfNeeded: bits >> 10))
            output.append(UInt8(truncatingIfNeeded: bits >> 2))
        }
    }

    /// The six bits of a digit; nil where it is none.
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Bytes that `byteCount` bytes take when encoded with padding.
    package static func encodedCount(_ byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }

    /// Encodes with padding and without line breaks.
    package static func encode(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        var index = 0
        while index < bytes.count {
            let held = min(3, bytes.count - index)
            var bits: UInt32 = 0
            for offset in 0..<3 { bits = bits << 8 | (offset < held ? UInt32(bytes[index + offset]) : 0) }
            for place in 0..<4 {
                let digit = Int(bits >> UInt32(18 - 6 * place)) & 63
                output.append(place <= held ? alphabet[digit] : UInt8(ascii: "="))
            }
            index += 3
        }
    }
}

/// The line breaks that the format takes out of a value: LF, VT, FF, CR, CR LF, NEL, LS and PS, in UTF-8.
enum LineBreak {
    /// Bytes of the line break that begins at `index`; 0 where none does.
    static func length(at index: Int, in text: Span<UInt8>) -> Int {
        switch text[index] {
        case 0x0a...0x0d: return 1
        case 0xc2: return index + 1 < text.count && text[index + 1] == 0x85 ? 2 : 0
        case 0xe2:
            guard index + 2 < text.count, text[index + 1] == 0x80 else { return 0 }
            return text[index + 2] == 0xa8 || text[index + 2] == 0xa9 ? 3 : 0
        default: return 0
        }
    }
}
