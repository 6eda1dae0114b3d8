/// What the section of a Central Credential Provider says.
struct CentralCredentialsOptions: Sendable {
    /// Up to and with the service, such as `/AIMWebService`.
    let server: String
    /// The application that the agent is.
    let application: String
    let names: AccountNames
    /// Of the safe; nil: its root.
    let folder: String?
    /// Said with each password that is read, for the vault's own audit.
    let reason: String?
}
