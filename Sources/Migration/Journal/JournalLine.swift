/// Fields of text on a line that says whether it is whole: `field TAB field TAB checksum`. What a crash left of a line, or put in its
/// place, is not taken for one.
enum JournalLine {
    private static let tab = UInt8(ascii: "\t")
    static let end = UInt8(ascii: "\n")

    /// With the line break.
    static func encode(_ fields: [String]) -> [UInt8] {
        var line: [UInt8] = []
        for field in fields {
            for byte in field.utf8 {
                if byte <= 0x20 || byte == 0x7f || byte == UInt8(ascii: "%") {
                    line += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
                } else {
                    line.append(byte)
                }
            }
            line.append(tab)
        }
        return line + checksum(line[...]) + [end]
    }

    /// - Parameter line: without the line break.
    /// - Returns: nil where it is not whole.
    static func decode(_ line: ArraySlice<UInt8>) -> [String]? {
        guard let last = line.lastIndex(of: tab), checksum(line[...last]) == Array(line[(last + 1)...]) else {
            return nil
        }
        var fields: [String] = []
        for part in line[..<last].split(separator: tab, omittingEmptySubsequences: false) {
            guard let field = decoded(part) else { return nil }
            fields.append(field)
        }
        return fields
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// FNV-1a of 64 bits, in hexadecimal: against accidents, not against people.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return stride(from: 60, through: 0, by: -4).map { digit(UInt8(truncatingIfNeeded: hash >> UInt64($0) & 15)) }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
