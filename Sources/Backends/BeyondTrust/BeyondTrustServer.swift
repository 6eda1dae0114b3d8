internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Secrets Safe wants them, in a session.
struct BeyondTrustServer: Sendable {
    typealias Answer = SessionAnswer<BeyondTrustRefusal>

    private let server: String
    private let service: SessionService<BeyondTrustSession, BeyondTrustRefusal>

    init(_ server: String, credential: BeyondTrustCredential, service web: WebService, time: TimeSource) {
        self.server = server
        let sessions = TokenSource(time: time) { (_) async throws(BackendError) in
            try await credential.signIn(to: server, through: web, time: time)
        }
        service = SessionService(sessions, web: web, time: time) { session in
            [credential.header, SecretHeader("Cookie", session.cookies)]
        }
    }

    /// The user that calls run as.
    func user() async throws(BackendError) -> Int64 { try await service.current().user }

    func close() async {
        var farewell = HTTPRequest(.post, "\(server)/Auth/Signout")
        farewell.setBody(try? WebService.emptyBody())
        await service.close(farewell)
    }

    /// - Parameter path: below `/secrets-safe/`, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        try await service.ask(method, "\(server)/secrets-safe/\(path)", body: body)
    }
}
