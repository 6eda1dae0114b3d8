/// A value that nothing else holds. Never printed; its name is.
struct Canary: Sendable {
    let name: String
    let bytes: [UInt8]

    /// What every encoding has to change, so that no encoded form is the same as the plain one.
    private static let awkward = Array("\"\\/+&%")
    /// Without what has a meaning in the files and placeholders that canaries are written into.
    private static let ordinary = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#()*,-.:;<=>?@[]^_|~"
    )

    /// One that somebody else made.
    init(_ name: String, _ bytes: some Sequence<UInt8>) {
        self.name = name
        self.bytes = Array(bytes)
    }

    /// 32 random printable characters.
    init(_ name: String) {
        let letters = Self.awkward + (0..<26).compactMap { _ in Self.ordinary.randomElement() }
        var shuffled = letters.shuffled()
        // At an end, some of the files would read it as something else.
        while Self.awkward.contains(shuffled[0]) || "#!-=,?:;[]<>@|*.()".contains(shuffled[0]) || shuffled[31] == "=" {
            shuffled.shuffle()
        }
        self.init(name, String(shuffled).utf8)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func many(_ count: Int, _ name: String) -> [Canary] { (0..<count).map { Canary("\(name) \($0)") } }
}

/// What a value may look like where somebody encoded it.
enum Form: String, CaseIterable, Sendable {
    case raw, base64, base64URL, hexadecimal, hexadecimalUpper, json, jsonSlash, url, utf16, utf16BigEndian
    /// The first bytes of the value behind what stands before it in a form, a JSON string, a header or a pair.
    case embedded

    /// The value in this form; several where neighbours of the value change how it looks.
    func encode(_ value: [UInt8]) -> [[UInt8]] {
        switch self {
        case .raw: [value]
        case .base64: (0..<3).map { Self.base64(value, after: $0, "+/") }
        case .base64URL: (0..<3).map { Self.base64(value, after: $0, "-_") }
        case .hexadecimal: [value.flatMap { Self.hexadecimal($0, "0123456789abcdef") }]
        case .hexadecimalUpper: [value.flatMap { Self.hexadecimal($0, "0123456789ABCDEF") }]
        case .json: [value.flatMap { Self.escaped($0, slash: false) }]
        case .jsonSlash: [value.flatMap { Self.escaped($0, slash: true) }]
        case .url: [value.flatMap(Self.percent)]
        case .utf16: [value.flatMap { [$0, 0] }]
        case .utf16BigEndian: [value.flatMap { [0, $0] }]
        case .embedded: "=\" :".utf8.map { [$0] + value.prefix(8) }
        }
    }

    /// What is left of the value where only eight neighbouring bytes of it are.
    func fragments(_ value: [UInt8]) -> [[UInt8]] {
        switch self {
        case .embedded: []
        // Eight digits would be no more than six bytes: among the many values that may stay Base64-encoded in the agent's
        // environment file, some would have those in common with a canary by chance.
        case .base64, .base64URL: encode(value).flatMap { $0.windows(of: 11) }
        default: value.windows(of: 8).flatMap { encode($0) }
        }
    }

    private static func hexadecimal(_ byte: UInt8, _ digits: String) -> [UInt8] {
        let digits = Array(digits.utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static func escaped(_ byte: UInt8, slash: Bool) -> [UInt8] {
        let backslash = UInt8(ascii: "\\")
        let isEscaped = byte == UInt8(ascii: "\"") || byte == backslash || (slash && byte == UInt8(ascii: "/"))
        return isEscaped ? [backslash, byte] : [byte]
    }

    private static func percent(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            [byte]
        default: [UInt8(ascii: "%")] + hexadecimal(byte, "0123456789ABCDEF")
        }
    }

    /// The digits that the value alone decides, where `offset` other bytes stand before it.
    private static func base64(_ value: [UInt8], after offset: Int, _ last: String) -> [UInt8] {
        let alphabet = Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last).utf8)
        let bits = ([UInt8](repeating: 0, count: offset) + value).flatMap { byte in
            (0..<8).map { byte >> UInt8(7 - $0) & 1 }
        }
        let digits = stride(from: 0, through: bits.count - 6, by: 6).map { start in
            alphabet[Int(bits[start..<(start + 6)].reduce(0) { $0 << 1 | $1 })]
        }
        return Array(digits.dropFirst((8 * offset + 5) / 6))
    }
}

extension [UInt8] {
    /// All runs of neighbours of a length.
    func windows(of count: Int) -> [[UInt8]] {
        (0..<Swift.max(0, self.count - count + 1)).map { Array(self[$0..<($0 + count)]) }
    }
}
