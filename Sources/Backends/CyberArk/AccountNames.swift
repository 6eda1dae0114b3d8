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
        let name = safe.replacing(Self.tenantMark, with: Self.written(tenant))
        return name.utf16.count <= Self.maximumSafeCharacters ? name : nil
    }

    /// The safe that all tenants share; nil where each has one of its own, or none is configured.
    var safeOfAll: String? { safe.flatMap { $0.contains(Self.tenantMark) ? nil : $0 } }

    /// A tenant in the name of a safe, which has no dots, and in which servers do not mind the case of letters.
    private static func written(_ tenant: String) -> String {
        tenant.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: (byte < 16 ? "~0" : "~") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    /// Whether an account that was found is in the safe that was meant.
    func isMeant(_ found: String, _ meant: String?) -> Bool {
        meant.map { $0.lowercased() == found.lowercased() } ?? true
    }

    /// For operators.
    func place(of name: SecretName) -> String {
        guard let account = account(of: name) else { return "no account" }
        return (account.safe.map { "safe \($0): " } ?? "") + account.name
    }
}
