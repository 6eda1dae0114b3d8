internal import Secrets

/// The labels of a secret in the vault: those that say what it stands for, its description, and those that users chose.
struct SecretTags: Sendable, Equatable {
    /// Labels of one secret, and characters of a label's name and of its text, that a vault accepts.
    static let maximumCount = 15
    static let maximumCharacters = 256
    /// Labels that stay for users: the own ones are always there for the most demanding secret.
    static let maximumFree = maximumCount - Own.allCases.count

    /// Labels with a meaning of their own. Kestra documents `namespace`, `key` and `prefix` for another manager; the other two
    /// are the agent's.
    enum Own: String, CaseIterable, Sendable {
        case namespace, key, prefix, tenant, description
    }

    /// All of them, as the vault has them.
    let all: [String: String]

    init(_ all: [String: String]) { self.all = all }

    /// What to write for a secret: the defaults, over them those of the write, and the own ones.
    init(
        for write: SecretWrite,
        prefix: String,
        defaults: [String: String]
    ) throws(BackendError) {
        var tags = defaults.merging(write.tags) { _, chosen in chosen }
        if let taken = tags.keys.sorted().first(where: { Own(rawValue: $0) != nil }) {
            throw .unsupported(detail: "the tag \(taken) is the agent's own in Azure Key Vault")
        }
        tags[Own.namespace.rawValue] = write.name.namespace
        tags[Own.key.rawValue] = write.name.key
        tags[Own.prefix.rawValue] = prefix
        if !write.name.tenant.isEmpty { tags[Own.tenant.rawValue] = write.name.tenant }
        if let description = write.description, !description.isEmpty { tags[Own.description.rawValue] = description }
        if let fault = Self.fault(tags) { throw .unsupported(detail: fault) }
        all = tags
    }

    /// Why a vault would refuse these labels; nil where it would not.
    static func fault(_ tags: [String: String], atMost limit: Int = maximumCount) -> String? {
        if tags.count > limit {
            return "\(tags.count) tags are too many for Azure Key Vault, which has room for \(limit)"
        }
        for (name, text) in tags.sorted(by: { $0.key < $1.key }) {
            // The vendor counts characters and does not say which; UTF-16 is the longest count that it could mean.
            if name.utf16.count > maximumCharacters {
                return "a tag's name is longer than the \(maximumCharacters) characters of Azure Key Vault"
            }
            if text.utf16.count > maximumCharacters {
                return "the tag \(name) is longer than the \(maximumCharacters) characters of Azure Key Vault"
            }
        }
        return nil
    }

    subscript(own: Own) -> String? { all[own.rawValue] }

    /// Without those that have a meaning of their own.
    var free: [String: String] { all.filter { Own(rawValue: $0.key) == nil } }

    /// What the labels say that the secret is; nil where one of them is missing.
    var name: SecretName? {
        guard let namespace = self[.namespace], let key = self[.key] else { return nil }
        return SecretName(tenant: self[.tenant] ?? "", namespace: namespace, key: key)
    }

    /// Whether each of `wanted` is there with exactly that text.
    func satisfy(_ wanted: [String: String]) -> Bool {
        wanted.allSatisfy { name, text in
            all.contains { $0.key.hasSameBytes(as: name) && $0.value.hasSameBytes(as: text) }
        }
    }

    /// Whether these are the labels of this secret as the agent writes them.
    func identify(_ name: SecretName, prefix: String) -> Bool {
        self.name == name && self[.prefix].map { $0.hasSameBytes(as: prefix) } == true
    }
}
