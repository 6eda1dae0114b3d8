/// A piece of a value: text as it stands, or a placeholder.
///
/// Pieces are ranges of the value's bytes, so that a default that is a secret is never copied out of locked memory.
enum Placeholder {
    enum Piece {
        case text(Range<Int>)
        /// Names to try in turn, then the default; nil where there is none.
        case reference(names: [String], default: Range<Int>?)
    }

    /// Why a value's placeholders cannot be read.
    enum Malformed: Error, Equatable {
        case unclosed
        case badName
        case unclosedQuote

        var message: String {
            switch self {
            case .unclosed: "has ${ without } (there is no way to write ${ itself; take it from a variable)"
            case .badName: "has a placeholder whose name is not made of letters, digits, '.', '_' and '-'"
            case .unclosedQuote: "has a placeholder whose default begins with a back-tick and does not end with one"
            }
        }
    }

    /// Cuts a value into pieces. `${A:B:x}` tries A, then B, then is the text x; the first `}` ends it. A default in
    /// back-ticks may hold colons.
    static func parse(_ bytes: Span<UInt8>) throws(Malformed) -> [Piece] {
        var pieces: [Piece] = []
        var textStart = 0
        var position = 0
        while position + 1 < bytes.count {
            guard bytes[position] == UInt8(ascii: "$"), bytes[position + 1] == UInt8(ascii: "{") else {
                position += 1
                continue
            }
            if position > textStart { pieces.append(.text(textStart..<position)) }
            var end = position + 2
            while end < bytes.count, bytes[end] != UInt8(ascii: "}") { end += 1 }
            guard end < bytes.count else { throw .unclosed }
            pieces.append(try reference(bytes, (position + 2)..<end))
            position = end + 1
            textStart = position
        }
        if bytes.count > textStart { pieces.append(.text(textStart..<bytes.count)) }
        return pieces
    }

    private static func reference(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Malformed) -> Piece {
        var names: [String] = []
        var start = range.lowerBound
        while true {
            if !names.isEmpty, start < range.upperBound, bytes[start] == UInt8(ascii: "`") {
                guard range.upperBound - start >= 2, bytes[range.upperBound - 1] == UInt8(ascii: "`") else {
                    throw .unclosedQuote
                }
                return .reference(names: names, default: (start + 1)..<(range.upperBound - 1))
            }
            var end = start
            while end < range.upperBound, bytes[end] != UInt8(ascii: ":") { end += 1 }
            if end == range.upperBound, !names.isEmpty { return .reference(names: names, default: start..<end) }
            names.append(try name(bytes.extracting(start..<end)))
            if end == range.upperBound { return .reference(names: names, default: nil) }
            start = end + 1
        }
    }

    private static func name(_ bytes: Span<UInt8>) throws(Malformed) -> String {
        var letters: [UInt8] = []
        for index in bytes.indices where index < 128 { letters.append(bytes[index]) }
        let name = String(decoding: letters, as: UTF8.self)
        guard bytes.count <= 128,
            name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy({ KeySpelling.isPlain(String(decoding: $0, as: UTF8.self)) })
        else { throw .badName }
        return name
    }
}
