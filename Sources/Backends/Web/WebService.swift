internal import HTTP
internal import SecretMemory
internal import Secrets

/// A manager that is asked over HTTP: what went wrong on the way is put in the words that all managers share.
struct WebService: Sendable {
    private let client: HTTPClient

    init(_ client: HTTPClient) { self.client = client }

    /// Sends a request. What the status means is for the caller to judge.
    func send(_ request: HTTPRequest) async throws(BackendError) -> HTTPResponse {
        do throws(HTTPFailure) {
            return try await client.send(request)
        } catch {
            switch error {
            case .unreachable(let detail, _), .timedOut(let detail, _): throw .unavailable(detail: detail)
            // A certificate that is renewed too late comes back, as a server that is away does.
            case .untrusted(let detail): throw .unavailable(detail: "\(detail); see the keys tls of the section")
            case .tooLarge(let limit):
                throw .malformed(detail: "the answer has more than \(limit) bytes, see maximum-response")
            case .invalid(let detail): throw .unsupported(detail: detail)
            case .cancelled: throw .unavailable(detail: "the caller gave up")
            case .memory(let error): throw .memory(error)
            }
        }
    }

    /// Nobody's end is to wait longer for a server that is away.
    static let farewellPatience = Duration.seconds(2)

    /// Ends what is under way and closes all connections.
    func close() { client.close() }

    /// The longest wait that a server is believed.
    static let longestRetryAfter = Duration.seconds(300)

    /// How long the server asks to be left alone: in seconds, or until a date by the machine's clock.
    static func retryAfter(_ response: borrowing HTTPResponse, time: TimeSource = .system) -> Duration? {
        guard let text = response.header("Retry-After") else { return nil }
        if let wait = wait(seconds: text) { return wait }
        guard let date = HTTPDate.seconds(text) else { return nil }
        let milliseconds = date * 1000 - time.wall()
        return min(max(.zero, .milliseconds(milliseconds)), longestRetryAfter)
    }

    /// A number of seconds that a server asks for; nil where it is none. A number that no duration can hold counts as the
    /// longest wait: making a duration of it would end the process.
    static func wait(seconds text: some StringProtocol) -> Duration? {
        guard let seconds = Double(text), seconds >= 0 else { return nil }
        return .seconds(min(seconds, Double(longestRetryAfter.components.seconds)))
    }

    /// What a status means that the manager's own rules say nothing of.
    ///
    /// - Parameter action: what was being done, such as `reading secret/data/x`, for the operator.
    static func failure(_ status: Int, retryAfter: Duration? = nil, doing action: String) -> BackendError {
        switch status {
        case 408, 429: .throttled(retryAfter: retryAfter)
        case 500...: .unavailable(detail: "\(action) was answered with status \(status)", retryAfter: retryAfter)
        case 300..<400:
            .malformed(detail: "\(action) was answered with a redirect (status \(status)), which is not followed")
        default: .malformed(detail: "\(action) was answered with status \(status)")
        }
    }

    /// A JSON answer.
    static func json(_ body: consuming SecretBytes, doing action: String) throws(BackendError) -> JSONDocument {
        do throws(JSONDocument.Malformed) { return try JSONDocument(body) } catch {
            throw .malformed(detail: "\(action) was answered with something that is not JSON")
        }
    }

    /// A JSON answer; `null` where it is none, as those of proxies are not, for whoever finds out by what is missing in it.
    static func jsonIfAny(_ body: consuming SecretBytes) throws(BackendError) -> JSONDocument {
        if body.count > 0, let json = try? JSONDocument(body) { return json }
        return try BackendError.mappingMemory { () throws(MemoryError) in try JSONDocument.null() }
    }

    /// A body without a byte, whose length some web servers want to be told.
    static func emptyBody() throws(BackendError) -> SharedSecret { SharedSecret(try nothing()) }

    /// What stands for a body that nobody is to read.
    static func nothing() throws(BackendError) -> SecretBytes {
        try BackendError.mappingMemory { () throws(MemoryError) in
            try SecretBytes(copying: "".utf8Span.span, account: .http)
        }
    }
}
