internal import Secrets

/// What AWS says of a secret beside its value.
struct SecretRecord: Sendable {
    let arn: String
    let name: String
    let tags: AWSTags
    var description: String?
    /// Milliseconds since 1970.
    var changedAt: Int64?
    /// The version with the label `AWSCURRENT`; "" where AWS does not say.
    var currentVersion = ""
    /// Whether it is only there for somebody to restore it.
    var isDeleted = false

    /// Reads an element of a listing, or the answer about one secret; nil where it has no name.
    init?(_ node: JSONDocument.Node, of document: borrowing JSONDocument) {
        guard let arn = document.string(document.node("ARN", in: node)),
            let name = document.string(document.node("Name", in: node))
        else { return nil }
        self.arn = arn
        self.name = name
        let tags = document.node("Tags", in: node).map { document.elements(of: $0) } ?? []
        self.tags = AWSTags(
            tags.compactMap { tag -> AWSTag? in
                guard let key = document.string(document.node("Key", in: tag)) else { return nil }
                return AWSTag(key: key, value: document.string(document.node("Value", in: tag)) ?? "")
            }
        )
        description = document.string(document.node("Description", in: node))
        // Seconds with a fraction, and now and then with an exponent.
        let seconds = document.number(document.node("LastChangedDate", in: node)) ?? 0
        if seconds > 0, seconds < 1e12 { changedAt = Int64(seconds * 1000) }
        isDeleted = document.node("DeletedDate", in: node).map { document.kind($0) != .null } ?? false
        for name in ["SecretVersionsToStages", "VersionIdsToStages"] {
            guard let versions = document.node(name, in: node) else { continue }
            for (version, stages) in document.members(of: versions)
            where document.elements(of: stages).contains(where: { document.string($0) == "AWSCURRENT" }) {
                currentVersion = version
            }
        }
    }
}
