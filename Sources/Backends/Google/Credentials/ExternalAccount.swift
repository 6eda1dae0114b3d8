internal import SecretMemory

/// An identity that somebody else vouches for: a token of a cluster or of another cloud, which Google exchanges for its own.
struct ExternalAccount: Sendable {
    /// Where the token of the other side is found.
    enum Source: Sendable {
        /// Read each time, because the other side renews it.
        case file(path: String)
        /// The headers may be credentials.
        case url(String, headers: [(name: String, value: SharedSecret)])
    }

    let source: Source
    /// The member of a JSON object that is the token; nil where the whole is.
    let field: String?
    /// The provider, as `//iam.googleapis.com/projects/.../providers/...`.
    let audience: String
    let subjectTokenType: String
    let tokenAddress: String
    /// Proves the client itself to the exchange, where it has to.
    let client: (identifier: String, secret: SharedSecret)?
    /// Who pays for the exchange, for identities of people.
    let userProject: String?
}

/// How one identity gets tokens of a service account.
struct Impersonation: Sendable {
    static let defaultLifetimeSeconds: Int64 = 3600

    /// Ends in `/serviceAccounts/EMAIL:generateAccessToken`.
    let address: String
    /// Accounts in between, each of which may act as the next.
    let delegates: [String]
    /// More than 3600 needs a policy of the organisation.
    let lifetimeSeconds: Int64
}
