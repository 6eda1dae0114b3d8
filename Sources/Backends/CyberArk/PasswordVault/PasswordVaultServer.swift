internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as a Privileged Access Manager wants them, in a session.
struct PasswordVaultServer: Sendable {
    typealias Answer = SessionAnswer<PasswordVaultRefusal>

    private let server: String
    private let service: SessionService<PasswordVaultSession, PasswordVaultRefusal>

    init(_ server: String, logon: PasswordVaultLogon, service web: WebService, time: TimeSource) {
        self.server = server
        let sessions = TokenSource(time: time, waits: PasswordVaultLogon.waits) { (_) async throws(BackendError) in
            try await logon.session(at: server, through: web, time: time)
        }
        service = SessionService(sessions, web: web, time: time) { session in
            // The token as it is: with a scheme in front of it, it is not accepted.
            [SecretHeader("Authorization", session.token)]
                + [session.cookies].compactMap { $0 }.map { SecretHeader("Cookie", $0) }
        }
    }

    func logOn() async throws(BackendError) { _ = try await service.current() }

    /// Ends the session, of which a user can have a few hundred.
    func close() async {
        var farewell = HTTPRequest(.post, "\(server)/API/Auth/Logoff")
        farewell.setBody(try? WebService.emptyBody())
        await service.close(farewell)
    }

    /// - Parameter path: below `/API/`, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        try await service.ask(method, "\(server)/API/\(path)", body: body)
    }
}
