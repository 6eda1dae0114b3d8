internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as a Privileged Access Manager wants them, in a session.
final class PasswordVaultServer: Sendable {
    struct Answer: ~Copyable {
        /// Why it was not done; nil where it was.
        let refusal: PasswordVaultRefusal?
        /// Of a success.
        let body: SecretBytes

        /// The JSON of a success.
        consuming func json(_ action: String) throws(BackendError) -> JSONDocument {
            if let refusal { throw refusal.failure(doing: action) }
            return try WebService.json(body, doing: action)
        }
    }

    private let server: String
    private let service: WebService
    private let sessions: TokenSource<PasswordVaultSession>
    private let time: TimeSource

    init(_ server: String, logon: PasswordVaultLogon, service: WebService, time: TimeSource) {
        self.server = server
        self.service = service
        self.time = time
        sessions = TokenSource(time: time, waits: PasswordVaultLogon.waits) { (_) async throws(BackendError) in
            try await logon.session(at: server, through: service, time: time)
        }
    }

    func logOn() async throws(BackendError) { _ = try await sessions.current() }

    /// Ends the session, of which a user can have a few hundred.
    func close() async {
        if let session = sessions.close(), let nothing = try? WebService.emptyBody() {
            _ = try? await send(.post, "Auth/Logoff", nothing, session, timeout: WebService.farewellPatience)
        }
        service.close()
    }

    /// Sends a request; where the session has ended, and so nothing was done, once more in another.
    ///
    /// - Parameter path: below `/API/`, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        try await sessions.send { (session) throws(BackendError) in
            try await self.send(method, path, body, session)
        } isRefused: {
            $0.refusal?.isOfSession == true
        }
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: SharedSecret?,
        _ session: PasswordVaultSession,
        timeout: Duration? = nil
    ) async throws(BackendError) -> Answer {
        var request = HTTPRequest(method, "\(server)/API/\(path)")
        // The token as it is: with a scheme in front of it, it is not accepted.
        request.secretHeaders = [SecretHeader("Authorization", session.token)]
        if let cookies = session.cookies { request.secretHeaders.append(SecretHeader("Cookie", cookies)) }
        request.timeout = timeout
        request.setBody(body)
        let response = try await service.send(request)
        let (status, retryAfter) = (response.status, WebService.retryAfter(response, time: time))
        let content = response.takeBody()
        guard !(200..<300).contains(status) else { return Answer(refusal: nil, body: content) }
        let refusal = PasswordVaultRefusal(status, retryAfter: retryAfter, try WebService.jsonIfAny(content))
        return Answer(refusal: refusal, body: try WebService.nothing())
    }
}
