internal import SecretMemory

/// A person who has logged in with `gcloud auth application-default login`.
struct AuthorizedUser: Sendable {
    let clientIdentifier: String
    let clientSecret: SharedSecret
    let refreshToken: SharedSecret
    let tokenAddress: String
}
