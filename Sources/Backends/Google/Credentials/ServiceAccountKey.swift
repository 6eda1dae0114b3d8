internal import Cryptography
internal import SecretMemory
internal import Secrets

/// The key of a service account: it signs statements that Google exchanges for tokens, or that serve as tokens themselves.
struct ServiceAccountKey: Sendable {
    /// Whose tokens Google gives out, also where another address stands in for it: a constant of the official libraries.
    static let audience = "https://oauth2.googleapis.com/token"
    /// How long a statement is good for; more is refused.
    static let lifetimeSeconds: Int64 = 3600

    let email: String
    let keyIdentifier: String?
    /// Where statements are exchanged.
    let tokenAddress: String
    let signer: RSASigner

    /// A statement to be exchanged for a token.
    func statement(at seconds: Int64) throws(BackendError) -> SharedSecret {
        try signed { (claims) throws(MemoryError) in
            try claims.add("aud", Self.audience)
            try claims.add("exp", seconds + Self.lifetimeSeconds)
            try claims.add("iat", seconds)
            try claims.add("iss", email)
            try claims.add("scope", GoogleCredential.scope)
        }
    }

    /// A token that needs no exchange.
    ///
    /// - Parameter service: the service's origin with a slash behind it, such as `https://secretmanager.googleapis.com/`.
    func token(for service: String, at seconds: Int64) throws(BackendError) -> SharedSecret {
        try signed { (claims) throws(MemoryError) in
            try claims.add("aud", service)
            try claims.add("exp", seconds + Self.lifetimeSeconds)
            try claims.add("iat", seconds)
            try claims.add("iss", email)
            try claims.add("sub", email)
        }
    }

    private func signed(
        _ write: (inout SignedStatement.Claims) throws(MemoryError) -> Void
    ) throws(BackendError) -> SharedSecret {
        do throws(SignedStatement.Failure) {
            return try SignedStatement.make(keyIdentifier: keyIdentifier, signer: signer, claims: write)
        } catch {
            switch error {
            case .memory(let error): throw .memory(error)
            case .signing(let error): throw .denied(detail: "the key of \(email) cannot sign: \(error)")
            }
        }
    }
}
