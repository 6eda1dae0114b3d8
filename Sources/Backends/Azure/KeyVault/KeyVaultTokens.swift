internal import HTTP
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The token that a vault accepts, and what the vault has said that it must be for.
final class KeyVaultTokens: Sendable {
    /// nil until the vault has said for what a token must be; known beforehand for vaults of the public clouds.
    private final class Wanted: Sendable {
        let demand: Mutex<TokenDemand?>

        init(_ demand: TokenDemand?) { self.demand = Mutex(demand) }
    }

    private let vault: HTTPAddress
    private let verifiesResource: Bool
    private let wanted: Wanted
    private let source: TokenSource<SharedSecret>

    /// - Parameter resource: nil where only the vault knows.
    init(
        vault: HTTPAddress,
        resource: String?,
        verifiesResource: Bool,
        credentials: AzureCredentialChain,
        time: TimeSource
    ) {
        self.vault = vault
        self.verifiesResource = verifiesResource
        let wanted = Wanted(resource.map { TokenDemand(resource: $0) })
        self.wanted = wanted
        source = TokenSource(time: time) { (_) async throws(BackendError) in
            guard let demand = wanted.demand.withLock({ $0 }) else {
                throw .malformed(detail: "the vault has not said for what a token must be")
            }
            let token = try await credentials.token(for: demand)
            // What it was to fulfil, it was to fulfil once.
            wanted.demand.withLock { if $0 == demand { $0?.claims = nil } }
            return TokenSource.Lease(token: token.secret, lifetime: token.lifetime)
        }
    }

    /// Whether it is known what to ask for.
    var isReady: Bool { wanted.demand.withLock { $0 != nil } }

    func current() async throws(BackendError) -> SharedSecret { try await source.current() }

    /// Takes in what the vault said when it refused a token, or a request without one.
    func refused(_ token: SharedSecret?, _ challenges: [String]) throws(BackendError) {
        guard let challenge = challenges.lazy.compactMap(BearerChallenge.init).first else {
            guard token != nil else {
                throw .malformed(detail: "\(vault.origin) does not say what a token must be for; it is no Key Vault")
            }
            return forget(token)
        }
        if let resource = challenge.resource, verifiesResource, !vault.belongs(toResource: resource) {
            throw .denied(
                detail: """
                    \(vault.origin) asks for a token for another service than its own, which it does not get; \
                    if it is a vault under a private name, set verify-challenge-resource: false
                    """
            )
        }
        wanted.demand.withLock { demand in
            guard let resource = challenge.resource ?? demand?.resource else { return }
            demand = TokenDemand(resource: resource, tenant: challenge.tenant, claims: challenge.claimsText)
        }
        forget(token)
    }

    private func forget(_ token: SharedSecret?) { source.refused { $0 === token } }

    func close() { source.close() }
}
