internal import HTTP
internal import SecretMemory

/// How a vault is used. Nothing secret is among it but the application's password, in locked memory.
struct AzureOptions: Sendable {
    /// An application and its password, as the section has them.
    struct Application: Sendable {
        let tenant: String
        let client: String
        let secret: SharedSecret
    }

    /// nil where the section does not name one; nothing works then.
    var address: HTTPAddress?
    /// nil for the one of the vault's host.
    var cloud: AzureCloud?
    /// nil for the cloud's own, or what the environment says.
    var authority: String?
    var application: Application?
    var source = AzureCredentialSource.any
    var identity: ManagedIdentity?
    var verifiesResource = true
    /// nil where none was chosen.
    var prefix: String?
    var isReadOnly = false
    /// Whether secrets that the agent did not write are looked for; only without the right to write.
    var seesForeignNames = false
    /// Whether "not allowed" stands for "not there", where roles are given for single secrets.
    var takesForbiddenForMissing = false
    /// Whether `nbf` and `exp` of a secret count.
    var enforcesDates = true
    /// How long names and labels of a vault are kept, and thus how late a new secret of others shows.
    var listingLifetime: Duration = .seconds(60)
    var tags: [String: String] = [:]
    /// Labels that a secret must have to be seen; empty for all.
    var filter: [String: String] = [:]
}
