internal import HTTP
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Gets, renews, checks and gives back the token of one scope.
final class VaultTokens: Sendable {
    /// A token that was good this recently is not asked about again.
    private static let checkLifetime = Duration.seconds(10)
    /// A renewal that grants less is not worth having.
    private static let shortestGrant = Duration.seconds(30)

    private let login: VaultLogin
    private let server: VaultServer
    private let time: TimeSource
    private let source: TokenSource<VaultToken>
    private let goodUntil = Mutex<BootInstant?>(nil)

    init(login: VaultLogin, server: VaultServer, surroundings: ManagerSurroundings) {
        self.login = login
        self.server = server
        time = surroundings.time
        let fetcher = VaultTokenFetcher(login: login, server: server, notices: surroundings.notices)
        source = TokenSource(time: time) { (previous) throws(BackendError) in try await fetcher.fetch(previous) }
    }

    func current() async throws(BackendError) -> VaultToken { try await source.current() }

    /// After a 403: finds out whether the token or the permission is missing.
    ///
    /// - Returns: true where another token may help.
    func isRefused(_ token: VaultToken, _ refusal: VaultRefusal) async throws(BackendError) -> Bool {
        if refusal.says("invalid token") || token.isCounted {
            forget(token)
            return true
        }
        let now = time.now()
        if let until = goodUntil.withLock({ $0 }), now < until { return false }
        let answer = try await server.send(.get, "auth/token/lookup-self", token: token.secret)
        if answer.status == 200 {
            goodUntil.withLock { $0 = now.advanced(by: Self.checkLifetime) }
            return false
        }
        guard answer.status == 403 else {
            throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: "checking the token")
        }
        forget(token)
        return true
    }

    private func forget(_ token: VaultToken) {
        goodUntil.withLock { $0 = nil }
        source.refused { $0 === token }
    }

    /// Nobody's end is to wait longer for a Vault that is away.
    private static let revocationPatience = Duration.seconds(2)

    /// Revokes the token where it is ours.
    func close() async {
        guard let token = source.close(), token.isOwn else { return }
        _ = try? await server.send(
            .post,
            "auth/token/revoke-self",
            token: token.secret,
            timeout: Self.revocationPatience
        )
    }

    /// Whether a grant is too short to go on with, because the token's last end is near.
    static func isNearEnd(_ granted: Duration, first: Duration?) -> Bool {
        granted < shortestGrant && first.map { granted < $0 } ?? true || first.map { granted < $0 / 2 } ?? false
    }
}
