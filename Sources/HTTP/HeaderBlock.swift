internal import SecretMemory

/// The header lines of an answer as they came, in locked memory, because a cookie may be among them.
struct HeaderBlock: ~Copyable, Sendable {
    /// Most bytes of all header lines.
    static let maximumBytes = 64 << 10

    private var lines = SecretBuffer(limit: HeaderBlock.maximumBytes, account: .http)

    /// - Returns: false where there are too many of them, or no memory.
    mutating func append(_ line: Span<UInt8>) -> Bool {
        // An answer before the answer, such as 100 Continue, has headers of its own.
        if line.count >= 5, Self.begins(line, "HTTP/") { lines.removeLast(lines.count) }
        do throws(MemoryError) { try lines.append(line) } catch { return false }
        return true
    }

    func text(of name: String) -> String? { texts(of: name, limit: 1).first }

    func texts(of name: String) -> [String] { texts(of: name, limit: .max) }

    private func texts(of name: String, limit: Int) -> [String] {
        var texts: [String] = []
        forEach(name) { value in
            if texts.count < limit, let text = String(utf8: value) { texts.append(text) }
        }
        return texts
    }

    func secret(of name: String) throws(MemoryError) -> SecretBytes? {
        var range: Range<Int>?
        forEachRange(name) { if range == nil { range = $0 } }
        guard let range else { return nil }
        return try SecretBytes(copying: lines.bytes.extracting(range), account: .http)
    }

    func forEach(_ name: String, _ body: (Span<UInt8>) -> Void) {
        forEachRange(name) { body(lines.bytes.extracting($0)) }
    }

    private func forEachRange(_ name: String, _ body: (Range<Int>) -> Void) {
        let bytes = lines.bytes
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != 0x0a { end += 1 }
            let next = end + 1
            while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
            let line = bytes.extracting(start..<end)
            if line.count > name.utf8.count, line[name.utf8.count] == UInt8(ascii: ":"), Self.begins(line, name) {
                var first = start + name.utf8.count + 1
                while first < end, Self.isSpace(bytes[first]) { first += 1 }
                body(first..<end)
            }
            start = next
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

    /// In any case of its letters.
    private static func begins(_ line: Span<UInt8>, _ name: String) -> Bool {
        var index = 0
        for byte in name.utf8 {
            guard index < line.count, lower(line[index]) == lower(byte) else { return false }
            index += 1
        }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
    }
}
