internal import Secrets

/// Where a secret is among the accounts of a vault: `TENANT@NAMESPACE@KEY` is the account's name, in a safe.
struct AccountNames: Sendable {
    /// The product does not publish how long a name may be; this is what its files can be called.
    static let maximumCharacters = 170
    /// Of a safe's name.
    static let maximumSafeCharacters = 28
    /// Stands for the tenant in the name of a safe.
    static let tenantMark = "{tenant}"

    let names: QualifiedNames
    /// As it is configured; nil: wherever the user sees something.
    let safe: String?

    init(layout: NameLayout, safe: String?) {
        names = QualifiedNames(
            layout: layout,
            maximumCharacters: Self.maximumCharacters,
            separator: "@",
            mark: Self.mark
        )
        self.safe = safe
    }

    /// Names, and words that are searched, must not have a percent sign.
    private static let mark = UInt8(ascii: "~")

    /// - Returns: nil where there can be no account of this name.
    func account(of name: SecretName) -> (name: String, safe: String?)? {
        guard let text = names.text(of: name) else { return nil }
        guard safe != nil else { return (text, nil) }
        return safe(of: name.tenant).map { (text, $0) }
    }

    /// The safe of a tenant.
    ///
    /// - Returns: nil where none is configured, or none can have such a name.
    func safe(of tenant: String) -> String? {
        guard let safe, safe.contains(Self.tenantMark) else { return safe }
        // Names of safes have no dots.
        let written = names.encode(tenant).replacing(".", with: "~2E")
        let name = safe.replacing(Self.tenantMark, with: written)
        return name.utf16.count <= Self.maximumSafeCharacters ? name : nil
    }

    /// Whether an account that was found is in the safe that was meant. Servers find safes in any case of their letters, and
    /// tenants may differ by it.
    func isMeant(_ found: String, _ meant: String?) -> Bool {
        guard let meant else { return true }
        if safe?.contains(Self.tenantMark) == true { return found.hasSameBytes(as: meant) }
        return found.lowercased() == meant.lowercased()
    }

    /// For operators.
    func place(of name: SecretName) -> String {
        guard let account = account(of: name) else { return "no account" }
        return (account.safe.map { "safe \($0): " } ?? "") + account.name
    }
}
