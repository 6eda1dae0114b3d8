/// What the section of a Secret Server says, its log-in aside.
struct DelineaOptions: Sendable {
    /// Scheme, host, port and any path before `/api/v1`, without a slash at its end.
    let server: String
    /// Where secrets are; nil: everywhere, and nothing can be written.
    let folder: Int64?
    /// Of new secrets; nil: nothing can be written.
    let template: Int64?
    /// The slug of the field that is the value; nil: the template's own.
    let valueField: String?
    /// Texts of other fields of new secrets, by their slugs.
    let fields: [String: String]
    let names: QualifiedNames
    let isReadOnly: Bool
    /// Added to whatever is written.
    let tags: [String: String]

    /// Secret Server publishes no bounds; these are what its pages and the agent can carry.
    static let maximumNameCharacters = 200
    static let maximumValueBytes = 64 << 10
}
