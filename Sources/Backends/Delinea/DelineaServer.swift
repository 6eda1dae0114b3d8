internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Secret Server wants them, with a token in each.
final class DelineaServer: Sendable {
    struct Answer: ~Copyable {
        /// Why it was not done; nil where it was.
        let refusal: DelineaRefusal?
        /// "" where the answer does not say.
        let contentType: String
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
    private let tokens: TokenSource<SharedSecret>
    private let time: TimeSource

    init(_ server: String, login: DelineaLogin, service: WebService, time: TimeSource) {
        self.server = server
        self.service = service
        self.time = time
        tokens = TokenSource(time: time) { (_) async throws(BackendError) in
            try await login.token(from: server, through: service, time: time)
        }
    }

    func logIn() async throws(BackendError) { _ = try await tokens.current() }

    /// Ends the session, of which licences count how many there are.
    func close() async {
        if let token = tokens.close() {
            _ = try? await send(.post, "oauth-expiration", nil, token, timeout: WebService.farewellPatience)
        }
        service.close()
    }

    /// Sends a request with the token; where that was not accepted, and so nothing done, once more with another.
    ///
    /// - Parameter path: below `/api/v1/`, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        try await tokens.send { (token) throws(BackendError) in
            try await self.send(method, path, body, token)
        } isRefused: {
            $0.refusal?.isOfToken == true
        }
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: SharedSecret?,
        _ token: SharedSecret,
        timeout: Duration? = nil
    ) async throws(BackendError) -> Answer {
        var request = HTTPRequest(method, "\(server)/api/v1/\(path)")
        request.secretHeaders.append(SecretHeader("Authorization", prefix: "Bearer ", token))
        request.timeout = timeout
        request.setBody(body)
        let response = try await service.send(request)
        let (status, retryAfter) = (response.status, WebService.retryAfter(response, time: time))
        let type = response.header("Content-Type") ?? ""
        let content = response.takeBody()
        guard !(200..<300).contains(status) else { return Answer(refusal: nil, contentType: type, body: content) }
        let refusal = DelineaRefusal(status, retryAfter: retryAfter, content)
        return Answer(refusal: refusal, contentType: type, body: try WebService.nothing())
    }
}
