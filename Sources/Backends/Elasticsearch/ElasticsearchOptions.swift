/// What the section of Elasticsearch says, its secrets aside.
struct ElasticsearchOptions: Sendable {
    /// Of each node: scheme, host, port and any path before the index, without a slash at its end.
    let nodes: [String]
    let index: String
    /// Whether an index that is missing is made at the start.
    let createsIndex: Bool
    let isReadOnly: Bool
    /// What it is opened for.
    var purpose = ManagerPurpose.serving
    /// Added to whatever is written.
    let tags: [String: String]
    /// Tags that a document must have to be seen; empty for all.
    let filter: [String: String]

    /// Whether the index may be made, sealed anew and written to.
    var mayChange: Bool { !isReadOnly && purpose == .serving }
}
