package import Secrets

/// A secret of the source, without its value.
package struct PlannedSecret: Sendable {
    package let name: SecretName
    /// The source's name of its version; "" where it has none.
    package let version: String
    package let description: String?
    package let tags: [String: String]
    package internal(set) var verdict = Verdict.new
    /// Whether an earlier run began to write it.
    package internal(set) var wasBegun = false
    /// What of its description and tags the target will not keep.
    package internal(set) var lost: KeptMetadata = []

    init(_ entry: SecretEntry, tenant: String) {
        name = SecretName(tenant: tenant, namespace: entry.namespace, key: entry.key)
        version = entry.version
        description = entry.description.flatMap { $0.isEmpty ? nil : $0 }
        tags = entry.tags
    }

    /// The same with only this of its metadata.
    func reduced(to kept: KeptMetadata) -> PlannedSecret {
        PlannedSecret(
            self,
            description: kept.contains(.description) ? description : nil,
            tags: kept.contains(.tags) ? tags : [:]
        )
    }

    private init(_ other: PlannedSecret, description: String?, tags: [String: String]) {
        name = other.name
        version = other.version
        self.description = description
        self.tags = tags
    }

    /// What it has beside its value.
    var metadata: KeptMetadata {
        var metadata: KeptMetadata = []
        if description != nil { metadata.insert(.description) }
        if !tags.isEmpty { metadata.insert(.tags) }
        return metadata
    }

    /// Whether an entry of the target says what this one says, beside what the target adds to it.
    func hasMetadata(in entry: TargetEntry) -> Bool {
        (description.map { $0.hasSameBytes(as: entry.description ?? "") } ?? true)
            && tags.allSatisfy { tag in entry.tags[tag.key].map { $0.hasSameBytes(as: tag.value) } ?? false }
    }
}

/// What the target says of a secret beside its value.
struct TargetEntry: Sendable {
    let description: String?
    let tags: [String: String]
}
