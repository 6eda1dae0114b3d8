internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Conjur wants them, with a token in each.
final class ConjurServer: Sendable {
    struct Answer: ~Copyable {
        let status: Int
        let retryAfter: Duration?
        /// "" where the answer does not say.
        let contentType: String
        /// Whether the values in it are written in Base64.
        let isEncoded: Bool
        let body: SecretBytes

        var isSuccess: Bool { (200..<300).contains(status) }

        /// Why it was not done.
        consuming func failure(doing action: String) throws(BackendError) -> BackendError {
            let (status, retryAfter) = (status, retryAfter)
            return ConjurRefusal(status, try WebService.jsonIfAny(body)).failure(retryAfter: retryAfter, doing: action)
        }

        /// The JSON of a success.
        consuming func json(_ action: String) throws(BackendError) -> JSONDocument {
            guard isSuccess else { throw try failure(doing: action) }
            return try WebService.json(body, doing: action)
        }
    }

    private let server: String
    private let service: WebService
    private let tokens: TokenSource<SharedSecret>
    private let time: TimeSource

    init(_ server: String, credential: ConjurCredential, service: WebService, time: TimeSource) {
        self.server = server
        self.service = service
        self.time = time
        tokens = TokenSource(time: time) { (_) async throws(BackendError) in
            try await credential.token(from: server, through: service, time: time)
        }
    }

    func logIn() async throws(BackendError) { _ = try await tokens.current() }

    /// Tokens end by themselves; there is no way to end one.
    func close() {
        tokens.close()
        service.close()
    }

    /// Sends a request with the token; where that was not accepted, and so nothing done, once more with another.
    ///
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
        let (server, service, time) = (server, service, time)
        return try await tokens.send { (token) throws(BackendError) in
            var request = HTTPRequest(method, "\(server)/\(path)")
            request.secretHeaders = [SecretHeader("Authorization", prefix: "Token token=\"", token)]
            if wantsBase64 { request.headers.append((name: "Accept-Encoding", value: "base64")) }
            request.setBody(body, type: type)
            let response = try await service.send(request)
            return Answer(
                status: response.status,
                retryAfter: WebService.retryAfter(response, time: time),
                contentType: response.header("Content-Type") ?? "",
                isEncoded: response.header("Content-Encoding")?.lowercased() == "base64",
                body: response.takeBody()
            )
        } isRefused: {
            $0.status == 401
        }
    }
}
