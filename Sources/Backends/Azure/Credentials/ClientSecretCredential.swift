internal import SecretMemory
internal import Secrets

/// An application and its password.
struct ClientSecretCredential: AzureCredential {
    let title: String
    let authority: Authority
    let client: String
    let secret: SharedSecret

    func token(for demand: TokenDemand) async throws(CredentialFailure) -> AzureToken {
        do throws(BackendError) {
            return try await authority.token(client: client, .secret(secret), for: demand)
        } catch {
            throw .failed(error)
        }
    }
}
