internal import HTTP
internal import SecretMemory
internal import Secrets

/// A manager over HTTP that is asked with one standing token, and says how many requests it takes.
struct BearerService<Refusal: ServiceRefusal>: Sendable {
    typealias Answer = ServiceAnswer<Refusal>

    private let web: WebService
    private let token: StandingToken
    private let window: RateWindow

    /// - Parameters:
    ///   - address: what is asked for to learn whether the token is good.
    ///   - judge: throws what the answer to that means, where it is not.
    init(
        token: SharedSecret,
        lookingAt address: String,
        web: WebService,
        time: TimeSource,
        judge: @escaping @Sendable (borrowing Answer) throws(BackendError) -> Void
    ) {
        let window = RateWindow(time: time)
        self.web = web
        self.window = window
        self.token = StandingToken(token, time: time) { (token) throws(BackendError) in
            try window.check()
            try judge(try Self.answer(try await web.send(Self.request(.get, address, token, nil)), window))
        }
    }

    func check() async throws(BackendError) { try await token.check() }

    func close() {
        token.close()
        web.close()
    }

    func ask(
        _ method: HTTPRequest.Method,
        _ url: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
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
        request.setBody(body)
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
