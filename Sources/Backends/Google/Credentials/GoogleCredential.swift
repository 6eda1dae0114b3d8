/// Who the agent is for Google, and what comes with that.
struct GoogleCredential: Sendable {
    enum Kind: Sendable {
        case serviceAccount(ServiceAccountKey)
        case authorizedUser(AuthorizedUser)
        case externalAccount(ExternalAccount)
        /// Another credential that may act as a service account.
        indirect case impersonated(Kind, Impersonation)
        /// What the machine, or the pod, runs as.
        case metadata
    }

    let kind: Kind
    /// For messages: what kind it is, whose, and where it stands.
    let title: String
    /// The project that it belongs to, where it says so.
    var project: String?
    var quotaProject: String?

    /// What tokens are asked for.
    static let scope = "https://www.googleapis.com/auth/cloud-platform"
}
