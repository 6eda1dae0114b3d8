internal import Secrets

/// A label of a secret, as AWS keeps it beside the name. No secret.
struct AWSTag: Sendable, Hashable {
    /// Most on one secret, AWS's own included.
    static let maximumCount = 50
    static let maximumKeyCharacters = 128
    static let maximumValueCharacters = 256

    let key: String
    let value: String

    /// Byte for byte: Swift takes different spellings of one character for the same, and AWS does not.
    static func == (left: AWSTag, right: AWSTag) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.value.hasSameBytes(as: right.value)
    }

    func hash(into hasher: inout Hasher) {
        for byte in key.utf8 { hasher.combine(byte) }
        for byte in value.utf8 { hasher.combine(byte) }
    }

    /// Whether AWS stores it: letters, digits, spaces and some signs of every script, and no name that AWS keeps for itself.
    /// That the characters are these is from memory, so only writing depends on it.
    var isStorable: Bool {
        !key.isEmpty && key.unicodeScalars.count <= Self.maximumKeyCharacters
            && value.unicodeScalars.count <= Self.maximumValueCharacters
            && !key.lowercased().hasPrefix("aws:")
            && key.unicodeScalars.allSatisfy(Self.isStorable) && value.unicodeScalars.allSatisfy(Self.isStorable)
    }

    private static func isStorable(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "_", ".", ":", "/", "=", "+", "-", "@": return true
        default: break
        }
        switch character.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .spaceSeparator, .lineSeparator, .paragraphSeparator:
            return true
        default: return false
        }
    }
}

/// The labels of one secret.
struct AWSTags: Sendable, Equatable {
    let all: [AWSTag]

    init(_ all: [AWSTag]) { self.all = all }

    subscript(key: String) -> String? { all.first { $0.key.hasSameBytes(as: key) }?.value }

    /// Whether there is a label of this name with exactly this value.
    func has(_ tag: AWSTag) -> Bool { all.contains(tag) }
}
