/// JSON to print. For names and metadata; values have ``SecretJSON``.
enum JSONValue {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case none
    case list([JSONValue])
    /// Members in the order in which they are printed.
    case object([(String, JSONValue)])

    /// A text, or null.
    static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .none }

    /// A list of texts.
    static func texts(_ texts: [String]) -> JSONValue { .list(texts.map { .text($0) }) }

    /// On one line.
    var encoded: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .none: "null"
        case .list(let values): "[" + values.map(\.encoded).joined(separator: ",") + "]"
        case .object(let members): "{" + Self.encoded(members) + "}"
        }
    }

    /// Members without the braces, for an object that is completed by other means.
    static func encoded(_ members: [(String, JSONValue)]) -> String {
        members.map { "\(quoted($0.0)):\($0.1.encoded)" }.joined(separator: ",")
    }

    private static func quoted(_ text: String) -> String {
        var bytes = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            if let short = JSONEscape.short(byte) {
                bytes += [UInt8(ascii: "\\"), short]
            } else if JSONEscape.isNeeded(byte) {
                bytes += "\\u00".utf8
                bytes += [JSONEscape.digit(byte >> 4), JSONEscape.digit(byte & 15)]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
    }
}

/// Which bytes of UTF-8 text a JSON string cannot hold as they are.
enum JSONEscape {
    /// DEL is allowed, but would move a terminal's cursor.
    static func isNeeded(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The character after the backslash, where there is a short form.
    static func short(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case UInt8(ascii: "\n"): UInt8(ascii: "n")
        case UInt8(ascii: "\r"): UInt8(ascii: "r")
        case UInt8(ascii: "\t"): UInt8(ascii: "t")
        default: nil
        }
    }

    /// A hexadecimal digit.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
