internal import Secrets

/// Which of a vault's secrets answers to a name although the agent did not write it: those of Kestra, of other programs, and
/// those that somebody made by hand. No vendor says how; see the page about this manager.
///
/// A label that a secret does not have does not restrict it: without `namespace` it belongs to every namespace. Without `key`,
/// its own name is the key, with case and the difference between `_`, `.` and `-` left out of account, because a vault's names
/// do not have them.
struct ForeignNames: Sendable {
    private let naming: SecretNaming

    init(_ naming: SecretNaming) { self.naming = naming }

    /// How nearly a secret answers to a name.
    ///
    /// - Returns: nil where it does not; of several the highest is the nearest.
    func closeness(of vaultName: String, _ tags: SecretTags, to name: SecretName) -> Int? {
        guard var closeness = closeness(of: vaultName, tags, tenant: name.tenant, namespace: name.namespace) else {
            return nil
        }
        if let key = tags[.key] {
            guard key.hasSameBytes(as: name.key) else { return nil }
            closeness += 4
        } else {
            guard let own = ownKey(vaultName, tags), Self.fold(own).hasSameBytes(as: Self.fold(name.key)) else {
                return nil
            }
        }
        return closeness
    }

    /// The key under which a secret shows in a namespace; nil where it does not show there.
    func key(of vaultName: String, _ tags: SecretTags, tenant: String, namespace: String) -> String? {
        guard closeness(of: vaultName, tags, tenant: tenant, namespace: namespace) != nil else { return nil }
        return tags[.key] ?? ownKey(vaultName, tags)
    }

    /// The key of a secret in the form in which keys are compared; nil where it has none.
    func form(of vaultName: String, _ tags: SecretTags) -> String? {
        (tags[.key] ?? ownKey(vaultName, tags)).map(Self.fold)
    }

    /// The part of the closeness that labels other than the key decide.
    private func closeness(of vaultName: String, _ tags: SecretTags, tenant: String, namespace: String) -> Int? {
        if let prefix = tags[.prefix] {
            guard prefix.hasSameBytes(as: naming.prefix) else { return nil }
        } else if naming.isPrefixChosen {
            guard tags[.key] == nil, ownKey(vaultName, tags) != nil else { return nil }
        }
        var closeness = 0
        for (own, wanted, weight) in [(SecretTags.Own.namespace, namespace, 2), (.tenant, tenant, 1)] {
            guard let text = tags[own] else { continue }
            guard text.hasSameBytes(as: wanted) else { return nil }
            closeness += weight
        }
        return closeness
    }

    /// What is left of the vault's name as a key; nil where a chosen prefix is on neither the name nor the labels.
    private func ownKey(_ vaultName: String, _ tags: SecretTags) -> String? {
        guard naming.isPrefixChosen, tags[.prefix] == nil else { return vaultName }
        let start = Self.fold(naming.prefix) + "-"
        guard Self.fold(vaultName).utf8.starts(with: start.utf8), vaultName.utf8.count > start.utf8.count else {
            return nil
        }
        return String(decoding: vaultName.utf8.dropFirst(start.utf8.count), as: UTF8.self)
    }

    /// The form in which a key and a vault's name are the same. Only ASCII is folded, byte for byte.
    static func fold(_ text: String) -> String {
        let bytes = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
            case UInt8(ascii: "_"), UInt8(ascii: "."): UInt8(ascii: "-")
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
