internal import SecretMemory

/// The body of a form (`application/x-www-form-urlencoded`), written in locked memory.
struct FormBody: ~Copyable {
    static let contentType = "application/x-www-form-urlencoded"
    /// Most bytes of a form.
    static let maximumBytes = 256 << 10

    private var text = SecretBuffer(limit: maximumBytes, account: .http)

    mutating func add(_ name: String, _ value: String) throws(MemoryError) { try add(name, value.utf8Span.span) }

    mutating func add(_ name: String, _ value: SharedSecret) throws(MemoryError) {
        try value.withBytes { (bytes) throws(MemoryError) in try add(name, bytes) }
    }

    mutating func add(_ name: String, _ value: Span<UInt8>) throws(MemoryError) {
        if !text.isEmpty { try text.append([UInt8(ascii: "&")].span) }
        try encode(name.utf8Span.span)
        try text.append([UInt8(ascii: "=")].span)
        try encode(value)
    }

    consuming func finish() throws(MemoryError) -> SharedSecret {
        SharedSecret(try SecretBytes(copying: text.bytes, account: .http))
    }

    private static let hex = Array("0123456789ABCDEF".utf8)

    /// All but letters, digits and `-._~` as `%XX`, which every server reads.
    private mutating func encode(_ bytes: Span<UInt8>) throws(MemoryError) {
        try text.append(reserving: bytes.count * 3) { output in
            for index in bytes.indices {
                let byte = bytes[index]
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "~"):
                    output.append(byte)
                default:
                    output.append(UInt8(ascii: "%"))
                    output.append(Self.hex[Int(byte >> 4)])
                    output.append(Self.hex[Int(byte & 15)])
                }
            }
        }
    }
}
