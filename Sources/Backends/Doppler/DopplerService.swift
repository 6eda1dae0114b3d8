internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Doppler wants them: the token, and project and config in each, so that a token of another config is noticed.
struct DopplerService: Sendable {
    /// An answer. Where it is no JSON, as those of proxies are not, its JSON is `null`.
    struct Answer: ~Copyable {
        let status: Int
        let retryAfter: Duration?
        let json: JSONDocument

        var isSuccess: Bool { (200..<300).contains(status) }
        var refusal: DopplerRefusal { DopplerRefusal(status, json) }

        func failure(doing action: String) -> BackendError { refusal.failure(retryAfter: retryAfter, doing: action) }
    }

    private let options: DopplerOptions
    private let web: WebService
    private let token: StandingToken
    private let window: RateWindow

    init(options: DopplerOptions, token: SharedSecret, web: WebService, time: TimeSource) {
        self.options = options
        self.web = web
        let window = RateWindow(time: time)
        self.window = window
        self.token = StandingToken(token, time: time) { (token) throws(BackendError) in
            try window.check()
            let request = Self.request(.get, "\(options.origin)/v3/me", token, nil)
            let answer = try Self.answer(try await web.send(request), window)
            switch answer.status {
            case 200..<300: return
            case 401, 403: throw .denied(detail: "Doppler does not accept the token (status \(answer.status))")
            default: throw answer.failure(doing: "asking whose token it is")
            }
        }
    }

    func check() async throws(BackendError) { try await token.check() }

    func close() {
        token.close()
        web.close()
    }

    /// - Parameters:
    ///   - path: below `/v3/`.
    ///   - query: beside project and config.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ query: [(name: String, value: String)] = [],
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        let parameters = [("project", options.project), ("config", options.config)] + query
        let text = parameters.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        let url = "\(options.origin)/v3/\(path)?\(text)"
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
