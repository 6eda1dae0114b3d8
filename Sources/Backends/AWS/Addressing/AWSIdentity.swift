internal import Secrets

/// Whose a secret is: AWS's labels `prefix`, `namespace` and `key` say it, whatever the secret's own name is.
///
/// What is not published of this form is decided here and nowhere else: a missing `prefix` counts as `kestra` unless a prefix is
/// configured; a label `tenant`, where there is one, keeps a secret to that tenant; `filter-on-tags` demands labels beside these.
struct AWSIdentity: Sendable {
    static let namespace = "namespace"
    static let key = "key"
    static let prefix = "prefix"
    static let tenant = "tenant"
    static let reserved = [namespace, key, prefix, tenant]
    static let defaultPrefix = "kestra"

    /// The configured value of the label; nil where none is configured.
    var prefix: String?
    /// Labels that a secret must have to be seen.
    var demanded: [AWSTag] = []
    /// Whether a secret without a label `tenant` is nobody's instead of everybody's.
    var requiresTenant = false

    /// Where a secret with these labels belongs; nil where it is none that is looked for here.
    func owner(_ tags: AWSTags) -> Owner? {
        guard let namespace = tags[Self.namespace], let key = tags[Self.key], isOurs(tags) else { return nil }
        let tenant = tags[Self.tenant]
        guard tenant != nil || !requiresTenant else { return nil }
        return Owner(namespace: namespace, key: key, tenant: tenant)
    }

    /// Whether labels that are demanded are there.
    func allows(_ tags: AWSTags) -> Bool { demanded.allSatisfy(tags.has) }

    private func isOurs(_ tags: AWSTags) -> Bool {
        guard allows(tags) else { return false }
        let found = tags[Self.prefix]
        guard let prefix else { return found.map { $0.hasSameBytes(as: Self.defaultPrefix) } ?? true }
        return found.map { $0.hasSameBytes(as: prefix) } ?? false
    }

    /// The labels that make a new secret this one.
    func tags(of name: SecretName) -> [AWSTag] {
        var tags = [
            AWSTag(key: Self.namespace, value: name.namespace), AWSTag(key: Self.key, value: name.key),
            AWSTag(key: Self.prefix, value: prefix ?? Self.defaultPrefix),
        ]
        if !name.tenant.isEmpty { tags.append(AWSTag(key: Self.tenant, value: name.tenant)) }
        return tags
    }

    /// The name of a new secret. Nobody looks for it by that name; it only has to be free, and to tell a person what it is.
    func newName(for name: SecretName) -> String {
        let parts =
            [prefix ?? Self.defaultPrefix] + (name.tenant.isEmpty ? [] : [name.tenant]) + [name.namespace, name.key]
        let text = parts.map { $0.isEmpty ? "=" : Self.encoded($0) }.joined(separator: "/")
        // AWS appends six characters to make a name unique, and is confused by names that look as if it had.
        let end = text.utf8.suffix(7)
        let looksComplete = end.count == 7 && end.first == UInt8(ascii: "-")
        return looksComplete ? text + "/s" : text
    }

    /// All that a name may not hold, `/` and `=` as `=XX`.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = PercentEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~") || "+@".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.utf8.count == 1 ? "=0\(digits)" : "=\(digits)"
        }.joined()
    }

    /// What a label's value begins with as far as a filter of AWS can say it; "" for nothing.
    static func filterValue(_ text: String) -> String {
        let allowed = text.utf8.prefix { byte in
            PercentEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~") || " :@/+=!".utf8.contains(byte)
        }
        // In front, it would turn the filter round.
        guard allowed.first != UInt8(ascii: "!") else { return "" }
        return String(decoding: allowed.prefix(512), as: UTF8.self)
    }

    /// What a secret's labels say of it.
    struct Owner: Sendable, Equatable {
        let namespace: String
        let key: String
        /// Nil where the secret is every tenant's.
        let tenant: String?

        static func == (left: Owner, right: Owner) -> Bool {
            left.fits(namespace: right.namespace, key: right.key)
                && left.tenant.map { Array($0.utf8) } == right.tenant.map { Array($0.utf8) }
        }

        func fits(namespace: String, key: String) -> Bool {
            self.namespace.hasSameBytes(as: namespace) && self.key.hasSameBytes(as: key)
        }

        /// How well it fits a tenant: its own before everybody's; nil where it is another's.
        func rank(for tenant: String) -> Int? {
            guard let own = self.tenant else { return 1 }
            return own.hasSameBytes(as: tenant) ? 0 : nil
        }
    }
}
