internal import SecretMemory
internal import Secrets

/// How a secret's name stands in a project, where identifiers have letters, digits, `-` and `_` only:
///
///     esc(prefix) [_t esc(tenant)] _n esc(namespace) _n esc(key)
///
/// `esc` keeps letters, digits and `-`, writes `_` as `__` and `.` as `_d`, and every other byte of UTF-8 as `_x` and two
/// digits of lower-case hexadecimal. All that is not kept begins with `_`, so what stands there can be read in one way only,
/// and different names never meet. The vendor's own product does not publish its names; these are ours.
struct GoogleSecretNames: Sendable {
    /// Most characters of an identifier.
    static let maximumCharacters = 255

    /// What an identifier says.
    struct Parts: Equatable {
        var prefix: [UInt8]
        var tenant: [UInt8]?
        var namespace: [UInt8]
        var key: [UInt8]
    }

    /// Keeps several installations apart in one project.
    let prefix: String

    /// The identifier of a name; nil where it would be too long for the service.
    func identifier(of name: SecretName) -> String? {
        let text = stem(tenant: name.tenant, namespace: name.namespace) + Self.escape(name.key.utf8)
        return text.utf8.count <= Self.maximumCharacters ? text : nil
    }

    /// What the identifiers of all keys of a namespace begin with.
    func stem(tenant: String, namespace: String) -> String {
        let tenant = tenant.isEmpty ? "" : "_t" + Self.escape(tenant.utf8)
        return Self.escape(prefix.utf8) + tenant + "_n" + Self.escape(namespace.utf8) + "_n"
    }

    /// The name that an identifier stands for; nil where it is not one of this installation's.
    func name(of identifier: String) -> SecretName? {
        guard let parts = Self.parts(of: identifier), parts.prefix == Array(prefix.utf8),
            let tenant = String(validating: parts.tenant ?? [], as: UTF8.self),
            let namespace = String(validating: parts.namespace, as: UTF8.self),
            let key = String(validating: parts.key, as: UTF8.self)
        else { return nil }
        let name = SecretName(tenant: tenant, namespace: namespace, key: key)
        // Only what this side would write counts, so that two identifiers are never one name.
        return self.identifier(of: name) == identifier ? name : nil
    }

    /// What an identifier of any installation says; nil where it was not written by one.
    static func parts(of identifier: String) -> Parts? {
        var pieces: [[UInt8]] = [[]]
        var hasTenant = false
        var rest = identifier.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == underscore else {
                guard isKept(byte) else { return nil }
                pieces[pieces.count - 1].append(byte)
                continue
            }
            switch rest.popFirst() {
            case underscore: pieces[pieces.count - 1].append(underscore)
            case UInt8(ascii: "d"): pieces[pieces.count - 1].append(dot)
            case UInt8(ascii: "x"):
                guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                    return nil
                }
                pieces[pieces.count - 1].append(high << 4 | low)
            case UInt8(ascii: "t"):
                guard pieces.count == 1 else { return nil }
                hasTenant = true
                pieces.append([])
            case UInt8(ascii: "n"): pieces.append([])
            default: return nil
            }
        }
        guard pieces.count == (hasTenant ? 4 : 3) else { return nil }
        return Parts(
            prefix: pieces[0],
            tenant: hasTenant ? pieces[1] : nil,
            namespace: pieces[pieces.count - 2],
            key: pieces[pieces.count - 1]
        )
    }

    // MARK: Names that were given by hand

    /// Where a secret stands that somebody made by hand, called like its key behind the prefix; nil where there is no such
    /// place.
    ///
    /// What any installation could have written is not read in this way: its namespace would not be looked at, and somebody
    /// who may read one namespace could read all.
    func flatIdentifier(of key: String) -> String? {
        let identifier = prefix.isEmpty ? key : "\(prefix)_\(key)"
        return Self.isIdentifier(identifier) && Self.parts(of: identifier) == nil ? identifier : nil
    }

    /// The key of a secret that somebody made by hand; nil where an identifier is none such.
    func flatKey(of identifier: String) -> String? {
        let start = prefix.isEmpty ? "" : "\(prefix)_"
        guard identifier.utf8.count > start.utf8.count, identifier.utf8.starts(with: start.utf8) else { return nil }
        let key = String(decoding: identifier.utf8.dropFirst(start.utf8.count), as: UTF8.self)
        return flatIdentifier(of: key) == identifier ? key : nil
    }

    /// Whether a text could be an identifier.
    static func isIdentifier(_ text: String) -> Bool {
        (1...maximumCharacters).contains(text.utf8.count) && text.utf8.allSatisfy { isKept($0) || $0 == underscore }
    }

    // MARK: Escapes

    static func escape(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case underscore: text += "__"
            case dot: text += "_d"
            case _ where isKept(byte): text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "_x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }

    private static let underscore = UInt8(ascii: "_")
    private static let dot = UInt8(ascii: ".")

    private static func isKept(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
