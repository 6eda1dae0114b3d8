public import SecretMemory

/// Writes a JSON text in locked memory. Commas, colons and escapes come by themselves; that what is begun is ended, and that
/// each value of an object has its key, is the caller's business and is checked.
public struct JSONWriter: ~Copyable {
    /// Most bytes of a text.
    public static let maximumBytes = 16 << 20
    /// Most bytes that one byte of a string is written as: `\u001f`.
    private static let longestEscape = 6

    private var text: SecretBuffer
    /// Whether a comma is due before the next value, for each object and array that is open.
    private var needsComma: [Bool] = [false]

    public init(account: MemoryAccount = .http) { text = SecretBuffer(limit: Self.maximumBytes, account: account) }

    public mutating func beginObject() throws(MemoryError) { try begin(UInt8(ascii: "{")) }
    public mutating func endObject() throws(MemoryError) { try end(UInt8(ascii: "}")) }
    public mutating func beginArray() throws(MemoryError) { try begin(UInt8(ascii: "[")) }
    public mutating func endArray() throws(MemoryError) { try end(UInt8(ascii: "]")) }

    /// The name of the next value.
    public mutating func key(_ name: String) throws(MemoryError) {
        try string(name)
        try raw(UInt8(ascii: ":"))
        needsComma[needsComma.count - 1] = false
    }

    public mutating func string(_ text: String) throws(MemoryError) { try string(text.utf8Span.span) }

    /// A string of these bytes, which must be UTF-8: see `isUTF8`.
    public mutating func string(_ bytes: Span<UInt8>) throws(MemoryError) {
        try separate()
        // Room for the worst case is asked for piece by piece, so that a long text does not take six times its length.
        try raw(UInt8(ascii: "\""))
        var start = 0
        while start < bytes.count {
            let piece = bytes.extracting(start..<min(start + 4096, bytes.count))
            try text.append(reserving: piece.count * Self.longestEscape) { output in
                for index in piece.indices { Self.escape(piece[index], into: &output) }
            }
            start += piece.count
        }
        try raw(UInt8(ascii: "\""))
    }

    /// A string that holds these bytes in Base64.
    public mutating func base64(_ bytes: Span<UInt8>) throws(MemoryError) {
        try separate()
        try text.append(reserving: Base64.encodedCount(bytes.count) + 2) { output in
            output.append(UInt8(ascii: "\""))
            Base64.encode(bytes, into: &output)
            output.append(UInt8(ascii: "\""))
        }
    }

    /// A value that is JSON already, such as an object or array of a ``JSONDocument``.
    public mutating func json(_ bytes: Span<UInt8>) throws(MemoryError) {
        try separate()
        try text.append(bytes)
    }

    public mutating func integer(_ number: Int64) throws(MemoryError) { try plain("\(number)") }
    public mutating func boolean(_ value: Bool) throws(MemoryError) { try plain(value ? "true" : "false") }
    public mutating func null() throws(MemoryError) { try plain("null") }

    /// The text.
    public consuming func finish() throws(MemoryError) -> SecretBytes {
        precondition(needsComma.count == 1, "an object or array was not ended")
        return try SecretBytes(copying: text.bytes, account: .http)
    }

    // MARK: Pieces

    private mutating func begin(_ bracket: UInt8) throws(MemoryError) {
        try separate()
        try raw(bracket)
        needsComma.append(false)
    }

    private mutating func end(_ bracket: UInt8) throws(MemoryError) {
        precondition(needsComma.count > 1, "more was ended than begun")
        try raw(bracket)
        needsComma.removeLast()
    }

    private mutating func plain(_ word: String) throws(MemoryError) {
        try separate()
        try text.append(word.utf8Span.span)
    }

    private mutating func separate() throws(MemoryError) {
        if needsComma[needsComma.count - 1] { try raw(UInt8(ascii: ",")) }
        needsComma[needsComma.count - 1] = true
    }

    private mutating func raw(_ byte: UInt8) throws(MemoryError) {
        try text.append(reserving: 1) { $0.append(byte) }
    }

    private static let hex = Array("0123456789abcdef".utf8)

    private static func escape(_ byte: UInt8, into output: inout OutputSpan<UInt8>) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case ..<0x20:
            for mark in "\\u00".utf8 { output.append(mark) }
            output.append(hex[Int(byte >> 4)])
            output.append(hex[Int(byte & 15)])
        default: output.append(byte)
        }
    }
}
