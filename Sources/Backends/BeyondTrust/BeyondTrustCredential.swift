internal import HTTP
internal import SecretMemory
internal import Secrets

/// The key of an API registration and the user that calls run as: `PS-Auth key=KEY; runas=USER; pwd=[PASSWORD];`.
struct BeyondTrustCredential: Sendable {
    /// Characters that would end a part of the header and begin another.
    private static let separators: [UInt8] = [UInt8(ascii: ";"), UInt8(ascii: "]"), 0x0d, 0x0a]

    let user: String
    let header: SecretHeader

    /// - Parameter password: of the user, where the registration demands it.
    init(key: SharedSecret, user: String, password: SharedSecret?) throws(MemoryError) {
        var text = SecretBuffer(limit: 64 << 10, account: .general)
        try key.withBytes { (bytes) throws(MemoryError) in try text.append(bytes) }
        try text.append("; runas=\(user);".utf8Span.span)
        if let password {
            try text.append(" pwd=[".utf8Span.span)
            try password.withBytes { (bytes) throws(MemoryError) in try text.append(bytes) }
            try text.append("];".utf8Span.span)
        }
        self.user = user
        let whole = try SecretBytes(copying: text.bytes, account: .general)
        header = SecretHeader("Authorization", prefix: "PS-Auth key=", SharedSecret(whole))
    }

    /// Whether a part can stand in the header as it is.
    static func isClean(_ part: Span<UInt8>) -> Bool { part.indices.allSatisfy { !separators.contains(part[$0]) } }

    /// A session for the credential.
    func signIn(
        to server: String,
        through service: WebService,
        time: TimeSource
    ) async throws(BackendError) -> TokenSource<BeyondTrustSession>.Lease {
        var request = HTTPRequest(.post, "\(server)/Auth/SignAppIn")
        request.secretHeaders.append(header)
        request.body = try WebService.emptyBody()
        let response = try await service.send(request)
        let status = response.status
        guard status == 200 else {
            if response.header("WWW-Authenticate-2FA") != nil {
                throw .denied(
                    detail: "Password Safe wants a second factor of \(user), which an agent does not have; exempt it"
                )
            }
            if [400, 401, 403].contains(status) {
                throw .denied(
                    detail: """
                        Password Safe refused the key for \(user) (status \(status)): the key, run-as, its password, this \
                        machine's address or its certificate
                        """
                )
            }
            throw WebService.failure(
                status,
                retryAfter: WebService.retryAfter(response, time: time),
                doing: "signing in to Password Safe"
            )
        }
        let cookies = try SessionCookies.read(response)
        let json = try WebService.json(response.takeBody(), doing: "signing in at \(server) (is address right?)")
        guard let number = json.integer(json.node("UserId")), let cookies else {
            throw .malformed(detail: "Password Safe signed in without a session or user; is address right?")
        }
        // When it ends, only the server knows, and says it when it has.
        return TokenSource.Lease(token: BeyondTrustSession(cookies: cookies, user: number), lifetime: nil)
    }
}
