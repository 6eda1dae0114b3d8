/// What the section of a Secrets Safe says, its credential aside.
struct BeyondTrustOptions: Sendable {
    /// Up to and with the version of the interface, without a slash at its end.
    let server: String
    /// The folder's GUID in lower case; nil: everywhere, and nothing can be written.
    let folder: String?
    /// Whom new secrets belong to; nil: the user that calls run as.
    let ownerGroup: Int64?
    let names: QualifiedNames
    let isReadOnly: Bool
    /// Added to whatever is written.
    let tags: [String: String]

    /// Characters that Secrets Safe takes, by its own libraries.
    static let maximumTitleCharacters = 256
    static let maximumDescriptionCharacters = 256
    static let maximumNotesCharacters = 4000
    static let maximumTextCharacters = 4096
}
