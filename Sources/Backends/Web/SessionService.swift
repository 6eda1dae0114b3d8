internal import HTTP
internal import SecretMemory
internal import Secrets

/// A manager over HTTP that is asked in sessions, which end: with what stands for one in each request, such as a token or
/// cookies.
struct SessionService<Session: AnyObject & Sendable, Refusal: SessionRefusal>: Sendable {
    typealias Answer = SessionAnswer<Refusal>

    private let sessions: TokenSource<Session>
    private let web: WebService
    private let time: TimeSource
    private let headers: @Sendable (Session) -> [SecretHeader]

    /// - Parameter headers: what stands for a session in a request.
    init(
        _ sessions: TokenSource<Session>,
        web: WebService,
        time: TimeSource,
        headers: @escaping @Sendable (Session) -> [SecretHeader]
    ) {
        self.sessions = sessions
        self.web = web
        self.time = time
        self.headers = headers
    }

    /// The session, opened where there is none.
    func current() async throws(BackendError) -> Session { try await sessions.current() }

    /// - Parameter farewell: ends the session there. Whether it did does not matter.
    func close(_ farewell: HTTPRequest? = nil) async {
        if let session = sessions.close(), var farewell {
            farewell.timeout = WebService.farewellPatience
            _ = try? await send(farewell, session)
        }
        web.close()
    }

    /// Sends a request with a body of JSON, or none.
    func ask(
        _ method: HTTPRequest.Method,
        _ url: String,
        body: SharedSecret?
    ) async throws(BackendError) -> Answer {
        var request = HTTPRequest(method, url)
        request.setBody(body)
        return try await ask(request)
    }

    /// Sends a request; where the session was not accepted, and so nothing done, once more in another.
    func ask(_ request: HTTPRequest) async throws(BackendError) -> Answer {
        try await sessions.send { (session) throws(BackendError) in
            try await send(request, session)
        } isRefused: {
            $0.refusal?.isOfSession == true
        }
    }

    private func send(_ request: HTTPRequest, _ session: Session) async throws(BackendError) -> Answer {
        var request = request
        request.secretHeaders += headers(session)
        let response = try await web.send(request)
        let (status, retryAfter) = (response.status, WebService.retryAfter(response, time: time))
        let type = response.header("Content-Type") ?? ""
        let encoding = response.header("Content-Encoding")?.lowercased() ?? ""
        let body = response.takeBody()
        guard !(200..<300).contains(status) else {
            return Answer(refusal: nil, contentType: type, contentEncoding: encoding, body: body)
        }
        let refusal = Refusal(status, retryAfter: retryAfter, try WebService.jsonIfAny(body))
        return Answer(refusal: refusal, contentType: type, contentEncoding: encoding, body: try WebService.nothing())
    }
}
