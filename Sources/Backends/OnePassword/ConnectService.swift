internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as a Connect server wants them.
struct ConnectService: Sendable {
    /// An answer. Where it is no JSON, as those of proxies are not, its JSON is `null`.
    struct Answer: ~Copyable {
        let status: Int
        let retryAfter: Duration?
        let json: JSONDocument

        var isSuccess: Bool { (200..<300).contains(status) }
        var refusal: ConnectRefusal { ConnectRefusal(status, json) }

        func failure(doing action: String) -> BackendError { refusal.failure(retryAfter: retryAfter, doing: action) }
    }

    /// Of the vault, with scheme, host and port.
    private let vault: String
    private let web: WebService
    private let token: StandingToken
    private let window: RateWindow

    /// - Parameter server: scheme, host, port and any path before `/v1`.
    init(server: String, vault: String, token: SharedSecret, web: WebService, time: TimeSource) {
        let address = "\(server)/v1/vaults/\(PercentEncoding.encode(vault))"
        self.vault = address
        self.web = web
        let window = RateWindow(time: time)
        self.window = window
        self.token = StandingToken(token, time: time) { (token) throws(BackendError) in
            try window.check()
            let answer = try Self.answer(try await web.send(Self.request(.get, address, token, nil)), window)
            guard answer.isSuccess else { throw answer.failure(doing: "looking at the vault") }
        }
    }

    func check() async throws(BackendError) { try await token.check() }

    func close() {
        token.close()
        web.close()
    }

    /// - Parameter path: below the vault, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        let url = vault + path
        let (web, window) = (web, window)
        let response = try await token.send { (token) throws(BackendError) in
            try window.check()
            return try await web.send(Self.request(method, url, token, body))
        }
        return try Self.answer(response, window)
    }

    private static func request(
        _ method: HTTPRequest.Method,
        _ url: String,
        _ token: SharedSecret,
        _ body: SharedSecret?
    ) -> HTTPRequest {
        var request = HTTPRequest(method, url)
        request.headers = [("Accept", "application/json")]
        request.secretHeaders = [SecretHeader("Authorization", prefix: "Bearer ", token)]
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = body
        }
        return request
    }

    private static func answer(
        _ response: consuming HTTPResponse,
        _ window: RateWindow
    ) throws(BackendError) -> Answer {
        let (status, retryAfter) = (response.status, window.note(response))
        return Answer(status: status, retryAfter: retryAfter, json: try WebService.jsonIfAny(response.takeBody()))
    }
}
