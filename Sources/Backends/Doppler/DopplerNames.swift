internal import Secrets

/// What secrets are called in Doppler, whose names have capitals, digits and underscores only and do not begin with a digit.
///
/// Scoped: `PREFIX_9TENANT_9NAMESPACE_9KEY`, in which all but the key are encoded. A key that would not be a name by itself is
/// encoded, too, and stands behind `_8`. Every name has one form, and a form says which name it is.
struct DopplerNames: Sendable {
    /// Doppler does not say how long a name may be.
    static let maximumCharacters = 200
    /// What Doppler adds to every config.
    private static let managed: Set<String> = ["DOPPLER_PROJECT", "DOPPLER_CONFIG", "DOPPLER_ENVIRONMENT"]

    private static let plain = "_9"
    private static let encoded = "_8"

    let layout: NameLayout
    /// Letters, digits and underscores; may be empty. Its case does not count.
    let prefix: String

    /// - Returns: nil where no name in Doppler can mean it, so that there is no such secret.
    func dopplerName(of name: SecretName) -> String? {
        guard !name.key.isEmpty else { return nil }
        let written: String
        switch layout {
        case .flat:
            guard Self.isPlain(name.key) else { return nil }
            written = flatBeginning + name.key
            guard !Self.startsWithDigit(written), !Self.managed.contains(written) else { return nil }
        case .scoped:
            let head = head(name.tenant, name.namespace)
            written =
                Self.isPlain(name.key)
                ? head + Self.plain + name.key : head + Self.encoded + Self.encode(name.key)
        }
        return written.utf8.count <= Self.maximumCharacters ? written : nil
    }

    /// The key that a name of Doppler's has in a namespace; nil where it is none of it.
    func key(of dopplerName: String, tenant: String, namespace: String) -> String? {
        let beginning = layout == .flat ? flatBeginning : head(tenant, namespace)
        guard dopplerName.utf8.starts(with: beginning.utf8) else { return nil }
        let rest = String(decoding: dopplerName.utf8.dropFirst(beginning.utf8.count), as: UTF8.self)
        let key: String?
        switch layout {
        case .flat: key = rest
        case .scoped:
            let text = String(rest.dropFirst(Self.plain.count))
            key = rest.hasPrefix(Self.plain) ? text : rest.hasPrefix(Self.encoded) ? Self.decode(text) : nil
        }
        guard let key else { return nil }
        // What somebody else put there may look like a name and be none that is looked for.
        let name = SecretName(tenant: tenant, namespace: namespace, key: key)
        return self.dopplerName(of: name).map { $0.hasSameBytes(as: dopplerName) } == true ? key : nil
    }

    private var flatBeginning: String { prefix.isEmpty ? "" : prefix.uppercased() + "_" }

    private func head(_ tenant: String, _ namespace: String) -> String {
        [prefix.lowercased(), tenant, namespace].map(Self.encode).joined(separator: Self.plain)
    }

    // MARK: Encoding

    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.allSatisfy { isCapital($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    private static func startsWithDigit(_ text: String) -> Bool { text.utf8.first.map(isDigit) == true }
    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isSmall(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static let hex = Array("0123456789ABCDEF".utf8)

    /// Small letters become capitals; `_0` is a period, `_1` a hyphen, `_2` an underscore, `_3X` the capital X, `_4XX` another byte.
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case _ where isSmall(byte): bytes.append(byte - 32)
            case _ where isDigit(byte): bytes.append(byte)
            case UInt8(ascii: "."): bytes += Array("_0".utf8)
            case UInt8(ascii: "-"): bytes += Array("_1".utf8)
            case UInt8(ascii: "_"): bytes += Array("_2".utf8)
            case _ where isCapital(byte): bytes += Array("_3".utf8) + [byte]
            default: bytes += Array("_4".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Returns: nil where it is no such text.
    static func decode(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "_") else {
                bytes.append(isCapital(byte) ? byte + 32 : byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "."))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "-"))
            case UInt8(ascii: "2"): bytes.append(UInt8(ascii: "_"))
            case UInt8(ascii: "3"):
                guard let capital = rest.popFirst() else { return nil }
                bytes.append(capital)
            case UInt8(ascii: "4"):
                guard let high = rest.popFirst().flatMap(hex.firstIndex),
                    let low = rest.popFirst().flatMap(hex.firstIndex)
                else { return nil }
                bytes.append(UInt8(high << 4 | low))
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
