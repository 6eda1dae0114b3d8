internal import Secrets

/// What items are called in a vault. A title is a text of any kind, so it has all three names: `TENANT/NAMESPACE/KEY`, each with
/// what is no letter, digit, `-`, `.`, `_` or `~` as `%XX`. Without a tenant it is `NAMESPACE/KEY`.
struct ItemTitle: Sendable {
    let layout: NameLayout

    /// - Returns: nil where no title can mean it, so that there is no such secret.
    func title(of name: SecretName) -> String? {
        guard !name.key.isEmpty else { return nil }
        if layout == .flat { return name.key }
        let parts = (name.tenant.isEmpty ? [] : [name.tenant]) + [name.namespace, name.key]
        return parts.map { PercentEncoding.encode($0) }.joined(separator: "/")
    }

    /// The key that a title has in a namespace; nil where it is none of it.
    func key(of title: String, tenant: String, namespace: String) -> String? {
        if layout == .flat { return title.isEmpty ? nil : title }
        guard let last = title.split(separator: "/", omittingEmptySubsequences: false).last,
            let key = PercentEncoding.decode(last)
        else { return nil }
        // What somebody else wrote may look like a title of ours and be none.
        let name = SecretName(tenant: tenant, namespace: namespace, key: key)
        return self.title(of: name).map { $0.hasSameBytes(as: title) } == true ? key : nil
    }

    /// Whether a filter can ask for it: quotes and backslashes have no form in one.
    static func isFilterable(_ title: String) -> Bool {
        title.utf8.allSatisfy { byte in
            byte >= 0x20 && byte != 0x7f && ![UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\")].contains(byte)
        }
    }
}
