internal import SecretMemory

/// A configuration or credentials file of AWS's own tools: sections with keys, in locked memory as a whole because some of the
/// values are keys.
struct SharedFile: Sendable {
    /// Bytes of the largest file.
    static let maximumBytes = 256 << 10
    /// Sections and keys together.
    static let maximumEntries = 10_000

    /// What is wrong with a file. Says nothing of its text.
    enum Fault: Error, Equatable {
        case malformed(line: Int)
        case tooManyEntries
    }

    /// The keys of one section, in lower case.
    struct Section: Sendable {
        fileprivate let text: SharedSecret
        fileprivate var values: [String: Range<Int>] = [:]

        /// A value that is no secret; nil where there is none, or an empty one.
        func string(_ key: String) -> String? {
            guard let range = values[key], !range.isEmpty else { return nil }
            return text.withBytes { bytes in String(utf8: bytes.extracting(range)) }
        }

        /// A value that is a secret; nil where there is none, or an empty one.
        func secret(_ key: String) throws(MemoryError) -> SharedSecret? {
            guard let range = values[key], !range.isEmpty else { return nil }
            return try text.withBytes { (bytes) throws(MemoryError) in
                SharedSecret(try SecretBytes(copying: bytes.extracting(range), account: .general))
            }
        }
    }

    private var sections: [String: Section] = [:]

    /// Reads all of it.
    init(_ text: SharedSecret) throws(Fault) {
        sections = try text.withBytes { (bytes) throws(Fault) in try Self.read(bytes, of: text) }
    }

    subscript(_ section: String) -> Section? { sections[section] }

    private static func read(_ bytes: Span<UInt8>, of text: SharedSecret) throws(Fault) -> [String: Section] {
        var sections: [String: Section] = [:]
        var current: String?
        // A line that stands further in than the key before it belongs to that key's block, of which nothing is needed.
        var keyIndent = Int.max
        var entries = 0
        var start = 0
        var line = 0
        while start < bytes.count {
            line += 1
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            let range = trimmed(start..<end, bytes)
            let indent = range.lowerBound - start
            start = end + 1
            guard !range.isEmpty, bytes[range.lowerBound] != UInt8(ascii: "#"),
                bytes[range.lowerBound] != UInt8(ascii: ";")
            else { continue }
            if current != nil, indent > keyIndent { continue }
            entries += 1
            guard entries <= maximumEntries else { throw .tooManyEntries }
            if bytes[range.lowerBound] == UInt8(ascii: "[") {
                guard let name = sectionName(range, bytes) else { throw .malformed(line: line) }
                current = name
                keyIndent = .max
                if sections[name] == nil { sections[name] = Section(text: text) }
                continue
            }
            guard let separator = range.first(where: { bytes[$0] == UInt8(ascii: "=") }), let section = current,
                let key = String(
                    utf8: bytes.extracting(trimmed(range.lowerBound..<separator, bytes))
                ), !key.isEmpty
            else { throw .malformed(line: line) }
            keyIndent = indent
            sections[section]?.values[key.lowercased()] = trimmed((separator + 1)..<range.upperBound, bytes)
        }
        return sections
    }

    /// What stands between the brackets, with one space between words and without quotes; behind them may be a comment.
    private static func sectionName(_ line: Range<Int>, _ bytes: Span<UInt8>) -> String? {
        guard let end = line.first(where: { bytes[$0] == UInt8(ascii: "]") }),
            let text = String(utf8: bytes.extracting((line.lowerBound + 1)..<end))
        else { return nil }
        let words = text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        let name = words.filter { $0 != "\"" && $0 != "'" }
        return name.isEmpty ? nil : name
    }

    private static func trimmed(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int> {
        var range = range
        while !range.isEmpty, isSpace(bytes[range.lowerBound]) { range = (range.lowerBound + 1)..<range.upperBound }
        while !range.isEmpty, isSpace(bytes[range.upperBound - 1]) { range = range.lowerBound..<(range.upperBound - 1) }
        return range
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
}
