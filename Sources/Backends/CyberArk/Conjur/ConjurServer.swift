internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Conjur wants them, with a token in each.
struct ConjurServer: Sendable {
    typealias Answer = SessionAnswer<ConjurRefusal>

    private let server: String
    private let service: SessionService<SharedSecret, ConjurRefusal>

    init(_ server: String, credential: ConjurCredential, service web: WebService, time: TimeSource) {
        self.server = server
        let tokens = TokenSource(time: time) { (_) async throws(BackendError) in
            try await credential.token(from: server, through: web, time: time)
        }
        service = SessionService(tokens, web: web, time: time) { token in
            [SecretHeader("Authorization", prefix: "Token token=\"", token)]
        }
    }

    func logIn() async throws(BackendError) { _ = try await service.current() }

    /// Tokens end by themselves; there is no way to end one.
    func close() async { await service.close() }

    /// - Parameters:
    ///   - path: encoded, with its query.
    ///   - type: of the body.
    ///   - wantsBase64: for values in JSON, which may be any bytes.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil,
        type: String = "application/octet-stream",
        wantsBase64: Bool = false
    ) async throws(BackendError) -> Answer {
        var request = HTTPRequest(method, "\(server)/\(path)")
        if wantsBase64 { request.headers.append((name: "Accept-Encoding", value: "base64")) }
        request.setBody(body, type: type)
        return try await service.ask(request)
    }
}
