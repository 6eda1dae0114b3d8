/// The key of a secret: the name of its variable without the prefix, with its ASCII letters in upper case.
struct EnvironmentKey: Hashable, Comparable {
    /// Upper-case ASCII letters, digits and underscores.
    let text: String

    /// The key of a variable; nil where the name is none that a secret may have.
    init?(variable: String) {
        guard variable.utf8.starts(with: EnvironmentOptions.prefix.utf8) else { return nil }
        self.init(requested: String(variable.utf8.dropFirst(EnvironmentOptions.prefix.utf8.count)) ?? "")
    }

    /// The key that a caller asks for; nil where no variable can have it.
    ///
    /// Only ASCII gets in, so texts compare as their bytes do: there is no second spelling of any of these characters.
    init?(requested: String) {
        let bytes = requested.utf8
        guard let first = bytes.first, Self.isLetter(first) else { return nil }
        guard bytes.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) }) else { return nil }
        text = String(decoding: bytes.map { $0 >= UInt8(ascii: "a") ? $0 - 32 : $0 }, as: UTF8.self)
    }

    static func < (one: EnvironmentKey, other: EnvironmentKey) -> Bool {
        one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
