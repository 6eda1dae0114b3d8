internal import SecretMemory

/// The one template that the documentation shows in such files: `{{ "text" | base64encode }}`, which stands for its text.
enum EnvironmentMacro {
    /// Whether a value is meant as a template, right or not.
    static func isMeant(_ value: Span<UInt8>) -> Bool {
        value.count >= 2 && value[0] == UInt8(ascii: "{") && value[1] == UInt8(ascii: "{")
    }

    /// The text between the quotes, in locked memory. In it `\"`, `\'` and `\\` stand for the second character.
    ///
    /// - Returns: nil where the value is any other template.
    static func text(_ value: Span<UInt8>) throws(MemoryError) -> SecretBytes? {
        var reader = Reader(rest: value)
        guard reader.take("{{"), let quote = reader.quote() else { return nil }
        var isWhole = false
        let text = try SecretBytes(capacity: value.count, account: .general) { output in
            isWhole = reader.literal(until: quote, into: &output)
        }
        guard isWhole, reader.take("|"), reader.take("base64encode"), reader.isAtEnd(after: "}}") else {
            return nil
        }
        return text
    }

    private struct Reader: ~Escapable {
        var rest: Span<UInt8>

        @_lifetime(copy rest)
        init(rest: Span<UInt8>) { self.rest = rest }

        /// Takes a word and the blanks on both sides of it.
        @_lifetime(self: copy self)
        mutating func take(_ word: String) -> Bool {
            skipBlanks()
            guard takeWord(word) else { return false }
            skipBlanks()
            return true
        }

        /// Whether `word` is all that is left.
        @_lifetime(self: copy self)
        mutating func isAtEnd(after word: String) -> Bool { takeWord(word) && rest.isEmpty }

        @_lifetime(self: copy self)
        private mutating func takeWord(_ word: String) -> Bool {
            for byte in word.utf8 {
                guard !rest.isEmpty, rest[0] == byte else { return false }
                rest = rest.extracting(droppingFirst: 1)
            }
            return true
        }

        @_lifetime(self: copy self)
        mutating func quote() -> UInt8? {
            guard !rest.isEmpty, rest[0] == UInt8(ascii: "\"") || rest[0] == UInt8(ascii: "'") else { return nil }
            let quote = rest[0]
            rest = rest.extracting(droppingFirst: 1)
            return quote
        }

        /// - Returns: whether the closing quote was found.
        @_lifetime(self: copy self)
        mutating func literal(until quote: UInt8, into output: inout OutputSpan<UInt8>) -> Bool {
            while !rest.isEmpty {
                var byte = rest[0]
                var used = 1
                if byte == quote {
                    rest = rest.extracting(droppingFirst: 1)
                    return true
                }
                if byte == UInt8(ascii: "\\") {
                    guard rest.count > 1, rest[1] == quote || rest[1] == byte else { return false }
                    byte = rest[1]
                    used = 2
                }
                // Control characters have no place in a quoted text.
                guard byte >= 0x20 else { return false }
                output.append(byte)
                rest = rest.extracting(droppingFirst: used)
            }
            return false
        }

        @_lifetime(self: copy self)
        private mutating func skipBlanks() {
            while !rest.isEmpty, rest[0] == UInt8(ascii: " ") || rest[0] == UInt8(ascii: "\t") {
                rest = rest.extracting(droppingFirst: 1)
            }
        }
    }
}
