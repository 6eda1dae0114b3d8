internal import HTTP
internal import SecretMemory
internal import Secrets

/// The answer of those who give tokens (RFC 6749, section 5).
enum TokenAnswer {
    /// No token is taken to live longer, whatever is said of it.
    private static let longestLifetimeSeconds: Int64 = 86_400
    private static let maximumBytes = 32 << 10

    /// - Parameter origin: who gave it, for messages.
    static func read(
        _ response: consuming HTTPResponse,
        from origin: String
    ) throws(BackendError) -> TokenSource<SharedSecret>.Lease {
        let document = try WebService.json(response.takeBody(), doing: "asking \(origin) for a token")
        guard let seconds = document.integer(document.node("expires_in")) else {
            throw .malformed(detail: "\(origin) gave a token without its lifetime")
        }
        return TokenSource.Lease(
            token: try token(document, "access_token", from: origin),
            lifetime: lifetime(seconds: seconds)
        )
    }

    /// The token in one member of an answer.
    static func token(
        _ document: borrowing JSONDocument,
        _ name: String,
        from origin: String
    ) throws(BackendError) -> SharedSecret {
        guard let node = document.node(name), document.kind(node) == .string else {
            throw .malformed(detail: "\(origin) gave no token")
        }
        let token = try BackendError.mappingMemory { () throws(MemoryError) in
            try document.secret(node, account: .general)
        }
        guard (1...maximumBytes).contains(token.count) else { throw .malformed(detail: "\(origin) gave no token") }
        return SharedSecret(token)
    }

    static func lifetime(seconds: Int64) -> Duration { .seconds(min(max(seconds, 0), longestLifetimeSeconds)) }
}
