/// Labels as the JSON object that stands in the store: `{"application":"payments"}`. Texts only, in order of their names.
enum TagText {
    static func encode(_ tags: [String: String]) -> String {
        var text = "{"
        for (index, name) in tags.keys.sorted().enumerated() {
            if index > 0 { text += "," }
            append(name, to: &text)
            text += ":"
            append(tags[name] ?? "", to: &text)
        }
        return text + "}"
    }

    private static func append(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// - Returns: nil where this is not such an object.
    static func decode(_ text: String) -> [String: String]? {
        var reader = Reader(rest: text.unicodeScalars[...])
        var tags: [String: String] = [:]
        guard reader.take("{") else { return nil }
        if reader.take("}") { return reader.isAtEnd ? tags : nil }
        while true {
            guard let name = reader.quoted(), reader.take(":"), let value = reader.quoted() else { return nil }
            tags[name] = value
            if reader.take(",") { continue }
            return reader.take("}") && reader.isAtEnd ? tags : nil
        }
    }

    private struct Reader {
        var rest: Substring.UnicodeScalarView

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ expected: Unicode.Scalar) -> Bool {
            while let first = rest.first, first == " " || first == "\n" || first == "\t" || first == "\r" {
                rest.removeFirst()
            }
            guard rest.first == expected else { return false }
            rest.removeFirst()
            while let first = rest.first, first == " " || first == "\n" || first == "\t" || first == "\r" {
                rest.removeFirst()
            }
            return true
        }

        mutating func quoted() -> String? {
            guard rest.first == "\"" else { return nil }
            rest.removeFirst()
            var value = String.UnicodeScalarView()
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"":
                    return String(value)
                case "\\":
                    guard let plain = escaped() else { return nil }
                    value.append(plain)
                default:
                    value.append(scalar)
                }
            }
            return nil
        }

        private mutating func escaped() -> Unicode.Scalar? {
            switch rest.popFirst() {
            case "\"": return "\""
            case "\\": return "\\"
            case "/": return "/"
            case "b": return "\u{8}"
            case "f": return "\u{c}"
            case "n": return "\n"
            case "r": return "\r"
            case "t": return "\t"
            case "u":
                guard let unit = unit() else { return nil }
                guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
                guard rest.popFirst() == "\\", rest.popFirst() == "u", let trail = self.unit() else { return nil }
                guard UTF16.isTrailSurrogate(trail) else { return nil }
                return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
            default: return nil
            }
        }

        private mutating func unit() -> UInt16? {
            let digits = String(rest.prefix(4))
            guard digits.unicodeScalars.count == 4, digits.allSatisfy(\.isHexDigit) else { return nil }
            rest.removeFirst(4)
            return UInt16(digits, radix: 16)
        }
    }
}
