internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// How an agent proves to Conjur who it is, and the token that it gets for it.
final class ConjurCredential: Sendable {
    enum Proof: Sendable {
        /// Of a host or a user, for whom nothing has to be looked up.
        case apiKey(SharedSecret)
        /// Of a user, which is exchanged for an API key once: checking a password is made slow.
        case password(SharedSecret)
        /// A token of somebody else, in a file that is read each time.
        case jwt(path: String)
    }

    /// Of tokens that do not say how long they live.
    private static let usualLifetime: Int64 = 480
    private static let longestLifetime: Int64 = 24 * 3600

    private let authenticator: String
    private let account: String
    private let username: String
    private let proof: Proof
    private let exchanged = Mutex<SharedSecret?>(nil)

    /// - Parameter authenticator: `authn`, `authn-ldap/SERVICE` or `authn-jwt/SERVICE`.
    init(authenticator: String, account: String, username: String, proof: Proof) {
        self.authenticator = authenticator
        self.account = account
        self.username = username
        self.proof = proof
    }

    func token(
        from server: String,
        through service: WebService,
        time: TimeSource
    ) async throws(BackendError) -> TokenSource<SharedSecret>.Lease {
        let base = "\(server)/\(PercentEncoding.encode(authenticator, keeping: "/"))/\(PercentEncoding.encode(account))"
        var request = HTTPRequest(.post, "\(base)/authenticate")
        var type = "text/plain"
        switch proof {
        case .jwt(let path):
            type = FormBody.contentType
            request.body = try Self.form(path)
        case .apiKey(let key): request.body = key
        case .password(let password): request.body = try await key(password, base, service, time)
        }
        if case .jwt = proof {} else { request.url = "\(base)/\(PercentEncoding.encode(username))/authenticate" }
        request.headers = [("Content-Type", type)]
        let response = try await service.send(request)
        guard response.status == 200 else {
            // A key that was rotated is exchanged for again.
            exchanged.withLock { $0 = nil }
            throw refusal(response, time)
        }
        return try Self.lease(response.takeBody(), server)
    }

    // MARK: Pieces

    /// The API key that a password is good for.
    private func key(
        _ password: SharedSecret,
        _ base: String,
        _ service: WebService,
        _ time: TimeSource
    ) async throws(BackendError) -> SharedSecret {
        if let known = exchanged.withLock({ $0 }) { return known }
        var request = HTTPRequest(.get, "\(base)/login")
        request.secretHeaders = [SecretHeader("Authorization", prefix: "Basic ", try basic(password))]
        let response = try await service.send(request)
        guard response.status == 200 else { throw refusal(response, time) }
        let key = try BackendError.mappingMemory { () throws(MemoryError) in
            SharedSecret(try response.body.copy(account: .general))
        }
        guard (1...1024).contains(key.value.count) else {
            throw .malformed(detail: "Conjur answered the log-in with something that is no key; is address right?")
        }
        exchanged.withLock { $0 = key }
        return key
    }

    private func basic(_ password: SharedSecret) throws(BackendError) -> SharedSecret {
        try BackendError.mappingMemory { () throws(MemoryError) in
            var pair = SecretBuffer(limit: 64 << 10, account: .http)
            try pair.append("\(username):".utf8Span.span)
            try password.withBytes { (bytes) throws(MemoryError) in try pair.append(bytes) }
            return SharedSecret(
                try SecretBytes(capacity: Base64.encodedCount(pair.count), account: .http) { output in
                    pair.withBytes { Base64.encode($0, into: &output) }
                }
            )
        }
    }

    private static func form(_ path: String) throws(BackendError) -> SharedSecret {
        let token: SharedSecret
        do throws(FileError) { token = try SecretFile.readSecret(path) } catch {
            throw .denied(detail: "the token \(path): \(error.message)")
        }
        return try BackendError.mappingMemory { () throws(MemoryError) in
            var form = FormBody()
            try form.add("jwt", token)
            return try form.finish()
        }
    }

    private func refusal(_ response: borrowing HTTPResponse, _ time: TimeSource) -> BackendError {
        let status = response.status
        if [400, 401, 403].contains(status) {
            return .denied(detail: "Conjur refused \(username.isEmpty ? "the token" : username) (status \(status))")
        }
        if status == 404 {
            return .malformed(
                detail: "Conjur has no such authenticator (status 404); are address and authenticator right?"
            )
        }
        let retryAfter = WebService.retryAfter(response, time: time)
        return WebService.failure(status, retryAfter: retryAfter, doing: "authenticating to Conjur")
    }

    /// What stands in headers, `"` at its end included, and for how long it does.
    private static func lease(
        _ body: consuming SecretBytes,
        _ server: String
    ) throws(BackendError) -> TokenSource<SharedSecret>.Lease {
        let header = try BackendError.mappingMemory { () throws(MemoryError) in
            SharedSecret(
                try SecretBytes(capacity: Base64.encodedCount(body.count) + 1, account: .general) { output in
                    body.withBytes { Base64.encode($0, into: &output) }
                    output.append(UInt8(ascii: "\""))
                }
            )
        }
        let json = try WebService.json(body, doing: "authenticating at \(server) (is address right?)")
        guard json.string(json.node("protected")) != nil, let payload = json.node("payload") else {
            throw .malformed(detail: "Conjur answered without a token; is address right?")
        }
        let lifetime = try lifetime(payload, in: json) ?? usualLifetime
        return TokenSource.Lease(token: header, lifetime: .seconds(min(max(lifetime, 0), longestLifetime)))
    }

    /// By the server's own clock, which may be another than this machine's.
    private static func lifetime(
        _ payload: JSONDocument.Node,
        in json: borrowing JSONDocument
    ) throws(BackendError) -> Int64? {
        let text = try BackendError.mappingMemory { () throws(MemoryError) in try json.secret(payload, account: .http) }
        guard let bytes = try? Base64.decodeURL(text.bytes, account: .http), let claims = try? JSONDocument(bytes),
            let begin = claims.integer(claims.node("iat")), let end = claims.integer(claims.node("exp")), end > begin
        else { return nil }
        return end - begin
    }
}
