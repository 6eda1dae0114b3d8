internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Secret Server wants them, with a token in each.
struct DelineaServer: Sendable {
    typealias Answer = SessionAnswer<DelineaRefusal>

    private let server: String
    private let service: SessionService<SharedSecret, DelineaRefusal>

    init(_ server: String, login: DelineaLogin, service web: WebService, time: TimeSource) {
        self.server = server
        let tokens = TokenSource(time: time) { (_) async throws(BackendError) in
            try await login.token(from: server, through: web, time: time)
        }
        service = SessionService(tokens, web: web, time: time) { token in
            [SecretHeader("Authorization", prefix: "Bearer ", token)]
        }
    }

    func logIn() async throws(BackendError) { _ = try await service.current() }

    /// Ends the session, of which licences count how many there are.
    func close() async { await service.close(HTTPRequest(.post, "\(server)/api/v1/oauth-expiration")) }

    /// - Parameter path: below `/api/v1/`, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        try await service.ask(method, "\(server)/api/v1/\(path)", body: body)
    }
}
