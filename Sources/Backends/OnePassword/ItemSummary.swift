internal import Secrets

/// An item as a list has it: everything but its fields.
struct ItemSummary: Sendable, Equatable {
    let id: String
    let title: String
    let category: String
    let tags: [String]
    let version: Int64
    /// Milliseconds since 1970.
    let updatedAt: Int64?

    /// - Returns: nil for what is no item, and for one that was archived or deleted.
    init?(_ node: JSONDocument.Node, in json: borrowing JSONDocument) {
        guard let id = json.string(json.node("id", in: node)), !id.isEmpty,
            let title = json.string(json.node("title", in: node))
        else { return nil }
        let state = json.string(json.node("state", in: node)) ?? ""
        guard state != "ARCHIVED", state != "DELETED" else { return nil }
        self.id = id
        self.title = title
        category = json.string(json.node("category", in: node)) ?? ""
        tags = json.node("tags", in: node).map { json.elements(of: $0) }?.compactMap { json.string($0) } ?? []
        version = json.integer(json.node("version", in: node)) ?? 0
        updatedAt =
            (json.string(json.node("updatedAt", in: node))
            ?? json.string(json.node("createdAt", in: node))).flatMap(ISODate.milliseconds)
    }
}
