internal import HTTP
internal import SecretMemory
internal import Secrets

/// A user and a password, and the token that they are exchanged for.
struct DelineaLogin: Sendable {
    /// A token for longer is taken for one of this: some administrators set no end.
    private static let longestLifetime: Int64 = 24 * 3600

    let username: String
    let password: SharedSecret
    /// Of Active Directory; nil for users of Secret Server's own.
    let domain: String?

    func token(
        from server: String,
        through service: WebService,
        time: TimeSource
    ) async throws(BackendError) -> TokenSource<SharedSecret>.Lease {
        var request = HTTPRequest(.post, "\(server)/oauth2/token")
        request.headers.append((name: "Content-Type", value: FormBody.contentType))
        request.body = try BackendError.mappingMemory { () throws(MemoryError) in
            var form = FormBody()
            try form.add("username", username)
            try form.add("password", password)
            try form.add("grant_type", "password")
            if let domain { try form.add("domain", domain) }
            return try form.finish()
        }
        let response = try await service.send(request)
        let status = response.status
        guard status == 200 else {
            // Secret Server says no more than that the log-in failed, and locks users that go on.
            if [400, 401, 403].contains(status) {
                throw .denied(detail: "Secret Server refused the log-in of \(username) (status \(status))")
            }
            throw WebService.failure(
                status,
                retryAfter: WebService.retryAfter(response, time: time),
                doing: "logging in to Secret Server"
            )
        }
        // Some failures are a page of HTML with the status of a success.
        let answer = try WebService.json(response.takeBody(), doing: "the log-in at \(server) (is address right?)")
        guard let written = answer.node("access_token"), answer.kind(written) == .string else {
            throw .malformed(detail: "Secret Server answered the log-in without a token; is address right?")
        }
        let token = try BackendError.mappingMemory { () throws(MemoryError) in
            try answer.secret(written, account: .general)
        }
        guard token.count > 0 else { throw .malformed(detail: "Secret Server answered the log-in with an empty token") }
        let seconds = answer.integer(answer.node("expires_in")) ?? Self.longestLifetime
        return TokenSource.Lease(
            token: SharedSecret(token),
            lifetime: .seconds(min(max(seconds, 0), Self.longestLifetime))
        )
    }
}
