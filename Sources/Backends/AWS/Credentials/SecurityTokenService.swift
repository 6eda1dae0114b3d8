internal import HTTP
internal import SecretMemory
internal import Secrets

/// The service that exchanges one proof of identity for keys that end (STS).
struct SecurityTokenService: Sendable {
    /// Bytes of the largest token that is exchanged.
    static let maximumTokenBytes = 20_000

    let web: WebService
    let variables: AWSVariables
    let region: TokenSource<String>
    let clock: AWSClock
    let time: TimeSource

    /// A role and what is said about who takes it.
    struct Role: Sendable {
        let arn: String
        var session: String?
        var externalID: String?
        /// Seconds.
        var duration: Int?
    }

    /// Keys of a role for a token of somebody whom AWS trusts. Not signed: the token is the proof.
    func exchange(_ token: SharedSecret, for role: Role) async throws(BackendError) -> AWSGrant {
        let action = "taking the role \(role.arn) with a web identity"
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            var form = try form("AssumeRoleWithWebIdentity", role)
            try form.add("WebIdentityToken", token)
            return try form.finish()
        }
        do throws(AWSFault) {
            let answer = try await send(body, signedWith: nil)
            return try Self.grant(answer, origin: "the web identity of \(role.arn)")
        } catch {
            throw error.error(doing: action)
        }
    }

    /// Keys of a role for somebody who has other keys.
    func take(_ role: Role, with credentials: AWSCredentials) async throws(BackendError) -> AWSGrant {
        let action = "taking the role \(role.arn) with keys from \(credentials.origin)"
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            try form("AssumeRole", role).finish()
        }
        do throws(AWSFault) {
            let answer = try await send(body, signedWith: credentials)
            return try Self.grant(answer, origin: "the role \(role.arn)")
        } catch {
            throw error.error(doing: action)
        }
    }

    private func form(_ action: String, _ role: Role) throws(MemoryError) -> FormBody {
        var form = FormBody()
        try form.add("Action", action)
        try form.add("Version", "2011-06-15")
        try form.add("RoleArn", role.arn)
        try form.add("RoleSessionName", role.session ?? "tacit-\(time.wall() / 1000)")
        if let externalID = role.externalID { try form.add("ExternalId", externalID) }
        if let duration = role.duration { try form.add("DurationSeconds", "\(duration)") }
        return form
    }

    private func send(
        _ body: SharedSecret,
        signedWith credentials: AWSCredentials?
    ) async throws(AWSFault) -> XMLAnswer {
        var hasCorrectedClock = false
        while true {
            let response = try await sendOnce(body, credentials)
            if response.status == 200 {
                do throws(XMLAnswer.Malformed) { return try XMLAnswer(response.takeBody()) } catch {
                    throw .failed(.malformed(detail: "STS answered with something that is not XML"))
                }
            }
            let refusal = AWSRefusal(response, time: time)
            guard refusal.isClockSkew, !hasCorrectedClock, let date = refusal.serverDate, clock.correct(date) != nil
            else { throw .refused(refusal) }
            hasCorrectedClock = true
        }
    }

    private func sendOnce(
        _ body: SharedSecret,
        _ credentials: AWSCredentials?
    ) async throws(AWSFault) -> HTTPResponse {
        do throws(BackendError) {
            let region = try await region.current()
            let endpoint = try endpoint(in: region)
            let headers = [("Content-Type", "\(FormBody.contentType); charset=utf-8")]
            guard let credentials else {
                var request = HTTPRequest(.post, endpoint.url)
                request.headers = headers
                request.body = body
                return try await web.send(request)
            }
            return try await web.send(
                .signed(
                    "sts",
                    of: region,
                    at: endpoint,
                    headers: headers,
                    body: body,
                    with: credentials,
                    milliseconds: clock.now
                )
            )
        } catch {
            throw .failed(error)
        }
    }

    private func endpoint(in region: String) throws(BackendError) -> AWSEndpoint {
        try AWSEndpoint.configured(variables, for: "STS") ?? AWSEndpoint(service: "sts", region: region)
    }

    private static func grant(_ answer: borrowing XMLAnswer, origin: String) throws(AWSFault) -> AWSGrant {
        let accessKey = try secret("AccessKeyId", of: answer)
        let secretKey = try secret("SecretAccessKey", of: answer)
        let token = try secret("SessionToken", of: answer)
        guard let accessKey, let secretKey, let token,
            let end = answer.string("Credentials", "Expiration").flatMap(ISODate.milliseconds)
        else { throw .failed(.malformed(detail: "STS answered without keys")) }
        let credentials = AWSCredentials(
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: token,
            origin: origin,
            isRenewable: true
        )
        return AWSGrant(credentials, end: end)
    }

    private static func secret(_ name: String, of answer: borrowing XMLAnswer) throws(AWSFault) -> SharedSecret? {
        do throws(MemoryError) {
            guard let value = try answer.secret("Credentials", name), value.count > 0 else { return nil }
            return SharedSecret(value)
        } catch {
            throw .failed(.memory(error))
        }
    }
}
