internal import HTTP
internal import SecretMemory
internal import Secrets

/// A session, which a token and the cookies of balancers stand for.
final class PasswordVaultSession: Sendable {
    let token: SharedSecret
    let cookies: SharedSecret?

    init(token: SharedSecret, cookies: SharedSecret?) {
        self.token = token
        self.cookies = cookies
    }
}

/// A user and a password, and the session that they open.
struct PasswordVaultLogon: Sendable {
    /// Vaults suspend users after a few wrong passwords.
    static let waits: ClosedRange<Duration> = .seconds(5)...(.seconds(300))
    /// What the vault says where it wants an answer to a challenge.
    private static let challenge = "ITATS542I"

    let username: String
    let password: SharedSecret
    let authentication: PasswordVaultAuthentication
    /// Without it, who logs on ends the session of every other agent of the same user.
    let isConcurrent: Bool

    func session(
        at server: String,
        through service: WebService,
        time: TimeSource
    ) async throws(BackendError) -> TokenSource<PasswordVaultSession>.Lease {
        var request = HTTPRequest(.post, "\(server)/API/auth/\(authentication.rawValue)/Logon")
        request.setBody(try body())
        let response = try await service.send(request)
        guard response.status == 200 else { throw try refusal(response, time) }
        let cookies = try SessionCookies.read(response)
        let json = try WebService.json(response.takeBody(), doing: "the log-on at \(server) (is address right?)")
        guard json.kind(json.root) == .string else {
            throw .malformed(detail: "CyberArk answered the log-on without a token; is address right?")
        }
        let token = try BackendError.mappingMemory { () throws(MemoryError) in
            try json.secret(json.root, account: .general)
        }
        guard token.count > 0 else { throw .malformed(detail: "CyberArk answered the log-on with an empty token") }
        // It ends some time after its last request, which only the server knows, and says when it has.
        return TokenSource.Lease(
            token: PasswordVaultSession(token: SharedSecret(token), cookies: cookies),
            lifetime: nil
        )
    }

    private func refusal(_ response: consuming HTTPResponse, _ time: TimeSource) throws(BackendError) -> BackendError {
        let (status, retryAfter) = (response.status, WebService.retryAfter(response, time: time))
        let json = try WebService.jsonIfAny(response.takeBody())
        let message = json.string(json.node("ErrorMessage")) ?? ""
        if message.contains(Self.challenge) {
            return .denied(detail: "CyberArk wants \(username) to answer a challenge, which an agent cannot; exempt it")
        }
        let refusal = PasswordVaultRefusal(status, retryAfter: retryAfter, json)
        // 409: the password has to be changed first.
        if [400, 401, 403, 409].contains(status), refusal.code != nil || status != 400 {
            return .denied(detail: "CyberArk refused the log-on of \(username) (\(refusal.words))")
        }
        return refusal.failure(doing: "logging on to CyberArk")
    }

    private func body() throws(BackendError) -> SharedSecret {
        try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("username")
            try writer.string(username)
            try writer.key("password")
            try password.withBytes { (bytes) throws(MemoryError) in try writer.string(bytes) }
            try writer.key("concurrentSession")
            try writer.boolean(isConcurrent)
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
    }
}
