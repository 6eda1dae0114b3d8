/// The lines of a `.env` file: LF or CR LF, a byte order mark at the front is skipped, the last line needs no break.
struct EnvironmentLines: ~Escapable {
    private var rest: Span<UInt8>
    /// The line that was returned last, from 1.
    private(set) var number = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        let hasMark = bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
        rest = hasMark ? bytes.extracting(droppingFirst: 3) : bytes
    }

    /// The next line without its break; nil at the end.
    @_lifetime(copy self)
    mutating func next() -> Span<UInt8>? {
        guard !rest.isEmpty else { return nil }
        number += 1
        var end = 0
        while end < rest.count, rest[end] != UInt8(ascii: "\n") { end += 1 }
        let hasReturn = end > 0 && rest[end - 1] == UInt8(ascii: "\r")
        let line = rest.extracting(first: hasReturn ? end - 1 : end)
        rest = rest.extracting(droppingFirst: min(rest.count, end + 1))
        return line
    }
}

/// A line `NAME=VALUE`, with `export` before it or not. The value is everything after the first `=`.
struct EnvironmentAssignment: ~Escapable {
    let name: Span<UInt8>
    let value: Span<UInt8>

    /// - Returns: nil where the line has no `=`.
    @_lifetime(copy line)
    init?(_ line: Span<UInt8>) {
        var separator = 0
        while separator < line.count, line[separator] != UInt8(ascii: "=") { separator += 1 }
        guard separator < line.count else { return nil }
        var start = 0
        while start < separator, Self.isBlank(line[start]) { start += 1 }
        let word: StaticString = "export"
        let after = start + word.utf8CodeUnitCount
        if after < separator, Self.isBlank(line[after]), Self.begins(line.extracting(start..<after)) {
            start = after
            while start < separator, Self.isBlank(line[start]) { start += 1 }
        }
        name = line.extracting(start..<separator)
        value = line.extracting((separator + 1)..<line.count)
    }

    /// Whether there is nothing on a line, or a comment.
    static func isEmpty(_ line: Span<UInt8>) -> Bool {
        for index in line.indices where !isBlank(line[index]) { return line[index] == UInt8(ascii: "#") }
        return true
    }

    private static func begins(_ word: Span<UInt8>) -> Bool {
        let expected = "export".utf8
        var index = 0
        for byte in expected {
            if word[index] != byte { return false }
            index += 1
        }
        return true
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
