internal import HTTP
internal import SecretMemory
internal import Secrets

/// A token that somebody else made and that nothing renews. The manager is asked about it before its first use and after each
/// refusal, and nothing else is asked until that went well: a wrong token makes few requests, and ever fewer.
struct StandingToken: Sendable {
    private let source: TokenSource<SharedSecret>

    /// - Parameter look: asks the manager for something that only needs a token that is good; `denied` where it is not.
    init(
        _ token: SharedSecret,
        time: TimeSource,
        look: @escaping @Sendable (SharedSecret) async throws(BackendError) -> Void
    ) {
        source = TokenSource(time: time) { (_) throws(BackendError) in
            try await look(token)
            return TokenSource.Lease(token: token, lifetime: nil)
        }
    }

    /// Makes sure that it is accepted.
    func check() async throws(BackendError) { _ = try await source.current() }

    /// Sends a request with the token. Where that was answered with 401, once more after a look at the token.
    func send(
        _ ask: (SharedSecret) async throws(BackendError) -> HTTPResponse
    ) async throws(BackendError) -> HTTPResponse {
        let first = try await ask(try await source.current())
        guard first.status == 401 else { return first }
        source.refused { _ in true }
        let second = try await ask(try await source.current())
        guard second.status == 401 else { return second }
        source.refused { _ in true }
        throw .denied(detail: "the token is good for some requests, and refused for others (status 401)")
    }

    func close() { source.close() }
}
