internal import Cryptography
internal import Secrets

/// What secrets are called in a vault.
///
/// A vault's names have letters, digits and hyphens only, and fold case, while namespaces have dots and keys have whatever they
/// like. So the name is a digest, under which no two secrets meet, and the tags say what it stands for: ``SecretTags``.
/// No vendor prescribes this; whoever changes it loses sight of everything that was written.
struct SecretNaming: Sendable {
    /// Bytes of SHA-256 in a name: 160 bits are beyond any search for two names with one digest.
    private static let digestBytes = 20
    /// Characters of the prefix that a name shows; the digest is over all of it.
    private static let shownPrefixCharacters = 60
    /// What stands for a prefix where none is configured.
    static let defaultPrefix = "kestra"

    /// Keeps the secrets of one installation apart from those of others in the same vault.
    let prefix: String
    /// Whether somebody chose the prefix; then a secret by others needs it to be seen.
    let isPrefixChosen: Bool
    private let shown: String

    /// - Parameter prefix: nil where none is configured.
    init(prefix: String?) {
        self.prefix = prefix ?? Self.defaultPrefix
        isPrefixChosen = prefix != nil
        let reduced = self.prefix.utf8.prefix(Self.shownPrefixCharacters).map(Self.allowed)
        shown = String(decoding: reduced, as: UTF8.self)
    }

    /// The secret's own name in the vault, 32 characters and the prefix.
    ///
    /// - Returns: nil where tenant, namespace or key has a zero byte, by which they are told apart.
    func vaultName(of name: SecretName) throws(BackendError) -> String? {
        // A tenant comes last, and only where there is one, so that names without tenants are those of the published check value.
        let parts = [prefix, name.namespace, name.key] + (name.tenant.isEmpty ? [] : [name.tenant])
        guard !parts.contains(where: { $0.utf8.contains(0) }) else { return nil }
        do throws(CryptographyError) {
            var digest = try Digest256()
            for (index, part) in parts.enumerated() {
                if index > 0 { try digest.update([0].span) }
                try digest.update(part.utf8Span.span)
            }
            let bytes = try digest.finalize()
            let text = Base32.encode(bytes.span.extracting(first: Self.digestBytes))
            return shown.isEmpty ? text : "\(shown)-\(text)"
        } catch {
            throw .unavailable(detail: "\(error)")
        }
    }

    /// Letters and digits in lower case; a hyphen for everything else.
    private static func allowed(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
        default: UInt8(ascii: "-")
        }
    }
}

/// Five bits a character (RFC 4648), in lower case and without padding: all that a vault's name can carry.
private enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    static func encode(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        var held = 0
        var bits = 0
        for index in bytes.indices {
            held = (held << 8 | Int(bytes[index])) & 0xfff
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[held >> bits & 31])
            }
        }
        if bits > 0 { text.append(alphabet[held << (5 - bits) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }
}
