internal import SecretMemory

/// An answer of a service that speaks XML: elements that hold either elements or text. Nothing else is understood, so that nothing
/// else can be sent: no document types, no entities of the sender's own.
struct XMLAnswer: ~Copyable {
    /// Elements in each other.
    static let maximumDepth = 16
    /// Elements in all.
    static let maximumElements = 512

    struct Malformed: Error, Equatable {}

    private let bytes: SecretBytes
    /// Where the text of elements without elements stands, by the names from the root down.
    private let leaves: [(path: [String], text: Range<Int>)]

    init(_ bytes: consuming SecretBytes) throws(Malformed) {
        var scanner = XMLScanner()
        try scanner.scan(bytes.bytes)
        self.bytes = bytes
        leaves = scanner.leaves
    }

    /// The text of the first element that is reached by `path` from anywhere, as in `["Error", "Code"]`; nil where there is none.
    func string(_ path: String...) -> String? {
        guard let range = range(path), let text = try? unescaped(range) else { return nil }
        return String(utf8: text.bytes)
    }

    /// As ``string(_:)``, for a text that is a secret.
    func secret(_ path: String...) throws(MemoryError) -> SecretBytes? {
        guard let range = range(path) else { return nil }
        return try unescaped(range)
    }

    private func range(_ path: [String]) -> Range<Int>? {
        leaves.first { $0.path.count >= path.count && $0.path.suffix(path.count).elementsEqual(path) }?.text
    }

    /// - Returns: nil where the text has an entity that is none of the five.
    private func unescaped(_ range: Range<Int>) throws(MemoryError) -> SecretBytes? {
        var isKnown = true
        let text = try SecretBytes(capacity: range.count, account: .general) { output in
            var index = range.lowerBound
            while index < range.upperBound {
                if bytes.bytes[index] != UInt8(ascii: "&") {
                    output.append(bytes.bytes[index])
                    index += 1
                } else if let (byte, length) = Self.entity(bytes.bytes.extracting(index..<range.upperBound)) {
                    output.append(byte)
                    index += length
                } else {
                    isKnown = false
                    break
                }
            }
        }
        guard isKnown else { return nil }
        return text
    }

    private static func entity(_ text: Span<UInt8>) -> (byte: UInt8, length: Int)? {
        for (name, byte) in [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&quot;", "\""), ("&apos;", "'")] {
            let name = name.utf8
            guard text.count >= name.count, zip(0..., name).allSatisfy({ text[$0.0] == $0.1 }) else { continue }
            return byte.utf8.first.map { ($0, name.count) }
        }
        return nil
    }
}

/// Walks over the elements.
private struct XMLScanner {
    var leaves: [(path: [String], text: Range<Int>)] = []
    private var open: [String] = []
    private var elements = 0
    private var position = 0
    /// Where the text of an element without elements begins; nil where the last tag closed one.
    private var textStart: Int?

    mutating func scan(_ bytes: Span<UInt8>) throws(XMLAnswer.Malformed) {
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else {
                position += 1
                continue
            }
            let tag = position
            position += 1
            switch position < bytes.count ? bytes[position] : 0 {
            case UInt8(ascii: "?"): try skipDeclaration(bytes)
            case UInt8(ascii: "!"): throw XMLAnswer.Malformed()
            case UInt8(ascii: "/"): try close(bytes, tag)
            default: try openElement(bytes)
            }
        }
        guard open.isEmpty, elements > 0 else { throw XMLAnswer.Malformed() }
    }

    private mutating func openElement(_ bytes: Span<UInt8>) throws(XMLAnswer.Malformed) {
        let name = try name(bytes)
        elements += 1
        guard elements <= XMLAnswer.maximumElements, open.count < XMLAnswer.maximumDepth,
            elements == 1 || !open.isEmpty
        else { throw XMLAnswer.Malformed() }
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                if bytes[position - 2] == UInt8(ascii: "/") {
                    textStart = nil
                } else {
                    open.append(name)
                    textStart = position
                }
                return
            }
        }
        throw XMLAnswer.Malformed()
    }

    private mutating func close(_ bytes: Span<UInt8>, _ tag: Int) throws(XMLAnswer.Malformed) {
        position += 1
        let name = try name(bytes)
        guard open.last == name, position < bytes.count, bytes[position] == UInt8(ascii: ">") else {
            throw XMLAnswer.Malformed()
        }
        position += 1
        if let textStart { leaves.append((open, textStart..<tag)) }
        textStart = nil
        open.removeLast()
    }

    private mutating func name(_ bytes: Span<UInt8>) throws(XMLAnswer.Malformed) -> String {
        let start = position
        while position < bytes.count, bytes[position] > 0x20, bytes[position] != UInt8(ascii: ">"),
            bytes[position] != UInt8(ascii: "/")
        {
            position += 1
        }
        guard position > start, position - start <= 128,
            let name = String(utf8: bytes.extracting(start..<position))
        else { throw XMLAnswer.Malformed() }
        return name
    }

    private mutating func skipDeclaration(_ bytes: Span<UInt8>) throws(XMLAnswer.Malformed) {
        while position + 1 < bytes.count {
            position += 1
            if bytes[position - 1] == UInt8(ascii: "?"), bytes[position] == UInt8(ascii: ">") {
                position += 1
                return
            }
        }
        throw XMLAnswer.Malformed()
    }
}
