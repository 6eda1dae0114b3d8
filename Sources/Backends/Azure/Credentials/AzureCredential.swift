internal import SecretMemory
internal import Secrets

/// What a token is wanted for.
struct TokenDemand: Sendable, Equatable {
    /// The service, such as `https://vault.azure.net`.
    var resource: String
    /// The tenant that the vault belongs to, where it has said so.
    var tenant: String?
    /// What the vault wants the token to fulfil beside it, as JSON; such a token is not to come from a cache.
    var claims: String?

    init(resource: String, tenant: String? = nil, claims: String? = nil) {
        self.resource = resource
        self.tenant = tenant
        self.claims = claims
    }

    /// The same in the words of the newer protocol.
    var scope: String { "\(resource)/.default" }
}

/// A token and how long it is good for.
struct AzureToken: Sendable {
    let secret: SharedSecret
    let lifetime: Duration
}

/// Why a source of tokens gave none.
enum CredentialFailure: Error, Equatable, Sendable {
    /// There is no such source here, so that another may be asked.
    case absent(reason: String)
    /// It is there, and refused or failed; nobody else is asked in its place.
    case failed(BackendError)
}

/// A source of tokens.
protocol AzureCredential: Sendable {
    /// As it is called in the configuration and in messages.
    var title: String { get }
    /// Asks for a token; nothing is kept.
    func token(for demand: TokenDemand) async throws(CredentialFailure) -> AzureToken
}
