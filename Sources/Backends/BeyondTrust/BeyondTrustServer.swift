internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Secrets Safe wants them, in a session.
final class BeyondTrustServer: Sendable {
    struct Answer: ~Copyable {
        let status: Int
        let retryAfter: Duration?
        /// "" where the answer does not say.
        let contentType: String
        let body: SecretBytes

        var isSuccess: Bool { (200..<300).contains(status) }

        /// Why it was not done. What errors say is free text, so only the status counts.
        func failure(doing action: String) -> BackendError {
            switch status {
            case 401: .denied(detail: "Password Safe accepts neither the old session nor a new one")
            case 403: .forbidden(detail: "Secrets Safe does not permit \(action) (status 403)")
            case 404: .malformed(detail: "\(action): Secrets Safe knows no such place; is folder-id right?")
            case 400: .malformed(detail: "Secrets Safe refuses \(action) (status 400)")
            case 409: .conflict
            default: WebService.failure(status, retryAfter: retryAfter, doing: action)
            }
        }

        /// The JSON of a success.
        consuming func json(_ action: String) throws(BackendError) -> JSONDocument {
            guard isSuccess else { throw failure(doing: action) }
            return try WebService.json(body, doing: action)
        }
    }

    private let server: String
    private let credential: BeyondTrustCredential
    private let service: WebService
    private let sessions: TokenSource<BeyondTrustSession>
    private let time: TimeSource

    init(_ server: String, credential: BeyondTrustCredential, service: WebService, time: TimeSource) {
        self.server = server
        self.credential = credential
        self.service = service
        self.time = time
        sessions = TokenSource(time: time) { (_) async throws(BackendError) in
            try await credential.signIn(to: server, through: service, time: time)
        }
    }

    /// The user that calls run as.
    func user() async throws(BackendError) -> Int64 { try await sessions.current().user }

    func close() async {
        if let session = sessions.close(), let nothing = try? WebService.emptyBody() {
            _ = try? await send(.post, "Auth/Signout", nothing, session, timeout: WebService.farewellPatience)
        }
        service.close()
    }

    /// Sends a request; where the session has ended, and so nothing was done, once more in another.
    ///
    /// - Parameter path: below `/secrets-safe/`, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        try await sessions.send { (session) throws(BackendError) in
            try await self.send(method, "secrets-safe/\(path)", body, session)
        } isRefused: {
            $0.status == 401
        }
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: SharedSecret?,
        _ session: BeyondTrustSession,
        timeout: Duration? = nil
    ) async throws(BackendError) -> Answer {
        var request = HTTPRequest(method, "\(server)/\(path)")
        request.secretHeaders = [credential.header, SecretHeader("Cookie", session.cookies)]
        request.timeout = timeout
        request.setBody(body)
        let response = try await service.send(request)
        return Answer(
            status: response.status,
            retryAfter: WebService.retryAfter(response, time: time),
            contentType: response.header("Content-Type") ?? "",
            body: response.takeBody()
        )
    }
}
