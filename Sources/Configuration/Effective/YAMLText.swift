/// Writes block-style YAML.
final class YAMLText {
    private(set) var text = ""
    private var indent = 0
    /// Stands before the next line instead of its last two blanks: the dash of a list's element.
    private var startsElement = false

    /// `key:`, and what `body` writes one level below it.
    func mapping(_ key: String, _ body: () -> Void) {
        line("\(Self.scalar(key)):")
        indent += 1
        body()
        indent -= 1
    }

    /// One element of the list that the last key began.
    func element(_ body: () -> Void) {
        indent += 1
        startsElement = true
        body()
        startsElement = false
        indent -= 1
    }

    /// `key: value # comment`.
    func value(_ key: String, _ value: String, comment: String? = nil) {
        line("\(Self.scalar(key)): \(Self.scalar(value))", comment: comment)
    }

    /// `key: [a, b] # comment`.
    func list(_ key: String, _ values: [String], comment: String? = nil) {
        line("\(Self.scalar(key)): [\(values.map(Self.scalar).joined(separator: ", "))]", comment: comment)
    }

    /// `key: {} # comment`.
    func empty(_ key: String, comment: String? = nil) {
        line("\(Self.scalar(key)): {}", comment: comment)
    }

    private func line(_ content: String, comment: String? = nil) {
        var before = String(repeating: "  ", count: indent)
        if startsElement {
            before = String(before.dropLast(2)) + "- "
            startsElement = false
        }
        text += before + content
        if let comment { text += "  # \(comment)" }
        text += "\n"
    }

    /// A text that reads back as itself, in quotes where it must be.
    static func scalar(_ value: String) -> String {
        let isSafe = value.utf8.allSatisfy {
            KeySpelling.isLower($0) || KeySpelling.isUpper($0) || KeySpelling.isDigit($0) || "-_./:".utf8.contains($0)
        }
        let startsSafely =
            value.utf8.first.map {
                KeySpelling.isLower($0) || KeySpelling.isUpper($0) || KeySpelling.isDigit($0) || $0 == UInt8(ascii: "/")
            } ?? false
        let isWord = !["null", "Null", "NULL"].contains(value)
        if isSafe, startsSafely, isWord, !value.hasSuffix(":") { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case let scalar where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0xfeff:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
