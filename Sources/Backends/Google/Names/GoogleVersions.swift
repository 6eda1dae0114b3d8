internal import Configuration

/// Names of versions: numbers from 1, `latest`, and aliases that somebody has set.
enum GoogleVersions {
    private static let maximumCharacters = 63

    /// Whether a text could name a version. It goes into a path, so nothing else may.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= maximumCharacters else { return false }
        if isDigit(first) { return text.utf8.allSatisfy(isDigit) && first != UInt8(ascii: "0") }
        return isLetter(first)
            && text.utf8.allSatisfy {
                isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }

    /// The number at the end of a version's path, `projects/4242/secrets/x/versions/7`; nil where there is none.
    static func number(_ path: String?) -> String? {
        guard let parts = path?.split(separator: "/"), parts.count >= 2, parts[parts.count - 2] == "versions",
            let last = parts.last, last.utf8.count <= 19, let first = last.utf8.first, isDigit(first),
            isName(String(last))
        else { return nil }
        return String(last)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
    }
}

/// What becomes of the version before, when a new one is written. Versions that are not destroyed are paid for.
enum SupersededVersions: String, ConfigurationChoice {
    case keep, disable, destroy
}
