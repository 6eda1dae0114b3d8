/// What may be the name of a namespace or of a key.
public enum NameRules {
    /// Most bytes in a namespace, and in a key.
    public static let maximumBytes = 256
    /// Most levels in a namespace; each costs a look-up on the way up.
    public static let maximumLevels = 32

    /// What is wrong with a name.
    public enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
        case empty
        case tooLong
        case tooManyLevels
        case emptyLevel
        case forbiddenCharacter

        public var description: String {
            switch self {
            case .empty: "is empty"
            case .tooLong: "is longer than \(NameRules.maximumBytes) bytes"
            case .tooManyLevels: "has more than \(NameRules.maximumLevels) levels"
            case .emptyLevel: "has an empty level: a dot at an end, or two in a row"
            case .forbiddenCharacter: "has a control character, a space or a slash"
            }
        }
    }

    /// Checks a namespace: levels separated by dots; "" is the root, above all of them.
    public static func namespaceFault(_ bytes: Span<UInt8>) -> Fault? {
        if bytes.isEmpty { return nil }
        if bytes.count > maximumBytes { return .tooLong }
        var levels = 1
        var last = dot
        for index in bytes.indices {
            let byte = bytes[index]
            if byte <= space || byte == slash || byte == delete { return .forbiddenCharacter }
            if byte == dot {
                if last == dot { return .emptyLevel }
                levels += 1
            }
            last = byte
        }
        if last == dot { return .emptyLevel }
        return levels > maximumLevels ? .tooManyLevels : nil
    }

    /// Checks a key, or the name of a tenant.
    public static func keyFault(_ bytes: Span<UInt8>) -> Fault? {
        if bytes.isEmpty { return .empty }
        if bytes.count > maximumBytes { return .tooLong }
        for index in bytes.indices where bytes[index] < space || bytes[index] == delete { return .forbiddenCharacter }
        return nil
    }

    /// How many bytes of a namespace its parent takes; nil at the top.
    public static func parentCount(of bytes: Span<UInt8>) -> Int? {
        for index in stride(from: bytes.count - 1, through: 0, by: -1) where bytes[index] == dot { return index }
        return nil
    }

    private static let dot = UInt8(ascii: ".")
    private static let slash = UInt8(ascii: "/")
    private static let space = UInt8(ascii: " ")
    private static let delete: UInt8 = 0x7f
}
