internal import HTTP
internal import SecretMemory
internal import Secrets

/// A vault as its interface is spoken: an address, a version, and a token with each request.
struct KeyVaultService: Sendable {
    /// In all clouds, and with everything that is used here.
    private static let version = "7.4"

    let web: WebService
    let address: HTTPAddress
    let tokens: KeyVaultTokens
    let time: TimeSource

    /// What the vault answered.
    struct Answer: ~Copyable, Sendable {
        let status: Int
        /// `null` where the body is no JSON, as those of proxies are not.
        let json: JSONDocument
        let retryAfter: Duration?

        var isSuccess: Bool { status == 200 || status == 204 }

        /// The secret that the answer is about, where it is about one.
        var secret: KeyVaultSecret? { KeyVaultSecret(json) }

        var refusal: KeyVaultRefusal { KeyVaultRefusal(status: status, json) }

        func error(doing action: String, isWrite: Bool = false) -> BackendError {
            refusal.error(status, retryAfter: retryAfter, doing: action, isWrite: isWrite)
        }
    }

    /// Asks once, and once more with another token where the vault did not accept the first.
    ///
    /// - Parameter path: with a query or without one, as it is sent.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        if !tokens.isReady { try await introduce() }
        let token = try await tokens.current()
        let first = try await send(method, path, token, body)
        guard first.status == 401 else { return try answer(first) }
        try tokens.refused(token, first.headers("WWW-Authenticate"))
        let second = try await send(method, path, try await tokens.current(), body)
        guard second.status == 401 else { return try answer(second) }
        throw .denied(detail: "\(address.origin) does not accept the token that the agent was given for it")
    }

    /// Asks without a token and without anything of interest, so that the vault says what it wants to see: nobody has shown yet
    /// that a vault is what stands there.
    private func introduce() async throws(BackendError) {
        let response = try await send(.get, "/secrets?maxresults=1", nil, nil)
        guard response.status == 401 else {
            if response.status < 400 {
                throw .malformed(detail: "\(address.origin) answers without asking who it is; it is no Key Vault")
            }
            throw try answer(response).error(doing: "asking \(address.origin) what it wants to see")
        }
        try tokens.refused(nil, response.headers("WWW-Authenticate"))
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ token: SharedSecret?,
        _ body: SharedSecret?
    ) async throws(BackendError) -> HTTPResponse {
        // A link to the next page has its version.
        let version =
            path.contains("api-version=") ? "" : "\(path.contains("?") ? "&" : "?")api-version=\(Self.version)"
        var request = HTTPRequest(method, "\(address.origin)\(path)\(version)")
        request.headers = [("Accept", "application/json")]
        if let token { request.secretHeaders = [SecretHeader("Authorization", prefix: "Bearer ", token)] }
        request.setBody(body)
        return try await web.send(request)
    }

    private func answer(_ response: consuming HTTPResponse) throws(BackendError) -> Answer {
        let (status, retryAfter) = (response.status, retryAfter(response))
        if let json = try? JSONDocument(response.takeBody()) {
            return Answer(status: status, json: json, retryAfter: retryAfter)
        }
        let null = try BackendError.mappingMemory { () throws(MemoryError) in try JSONDocument.null() }
        return Answer(status: status, json: null, retryAfter: retryAfter)
    }

    /// The service also has headers of its own, in milliseconds.
    private func retryAfter(_ response: borrowing HTTPResponse) -> Duration? {
        for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
            guard let milliseconds = response.header(name).flatMap({ Int64($0) }), milliseconds >= 0 else { continue }
            return min(.milliseconds(min(milliseconds, 1 << 40)), WebService.longestRetryAfter)
        }
        return WebService.retryAfter(response, time: time)
    }
}
