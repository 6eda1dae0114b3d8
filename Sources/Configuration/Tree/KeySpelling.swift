/// The spellings of a key that mean the same.
package enum KeySpelling {
    /// The kebab-case form: `clientSecret`, `client-secret` and `clientCA` become `client-secret` and `client-ca`.
    package static func kebab(_ key: String) -> String {
        guard key.utf8.contains(where: isUpper) else { return key }
        let bytes = Array(key.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 4)
        for index in bytes.indices {
            let byte = bytes[index]
            guard isUpper(byte) else {
                output.append(byte)
                continue
            }
            if index > 0 {
                let before = bytes[index - 1]
                let startsWord = index + 1 < bytes.count && isLower(bytes[index + 1])
                if isLower(before) || isDigit(before) || (isUpper(before) && startsWord) {
                    output.append(UInt8(ascii: "-"))
                }
            }
            output.append(byte | 0x20)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The environment name of a path in kebab-case: `tacit.log.level` is `TACIT_LOG_LEVEL`.
    package static func environmentName(_ path: String) -> String {
        let bytes = path.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "-"): UInt8(ascii: "_")
            case let byte where isLower(byte): byte & ~0x20
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The key where it looks like one; else a stand-in.
    package static func printable(_ key: String) -> String {
        isPlain(key) ? key : "(a key that is not shown)"
    }

    /// Whether a text is short and made of letters, digits, `.`, `_` and `-`, as keys are.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy {
                isUpper($0) || isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: ".")
            }
    }

    static func isUpper(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }
    static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
