internal import HTTP
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Requests as Vault wants them: its headers, its one redirect, and the marks by which replicas know what we have seen.
final class VaultServer: Sendable {
    /// An answer. Without a body, or with one that is no JSON, its JSON is `null`.
    struct Answer: ~Copyable {
        let status: Int
        let retryAfter: Duration?
        let json: JSONDocument

        var refusal: VaultRefusal { VaultRefusal(status, json) }
    }

    /// How long what was written may be missing on a replica.
    private static let indexLifetime = Duration.seconds(10)

    private let options: VaultOptions
    private let service: WebService
    private let time: TimeSource
    /// The newest state that an answer told of, for replicas.
    private let index = Mutex<(text: String, until: BootInstant)?>(nil)

    init(options: VaultOptions, service: WebService, time: TimeSource) {
        self.options = options
        self.service = service
        self.time = time
    }

    func close() { service.close() }

    /// - Parameters:
    ///   - path: below `/v1/`, encoded, with its query.
    ///   - token: nil where none may be sent, as in a log-in.
    ///   - timeout: where it is to be shorter than the configured one.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        token: SharedSecret?,
        body: SharedSecret? = nil,
        timeout: Duration? = nil
    ) async throws(BackendError) -> Answer {
        var request = HTTPRequest(method, "\(options.server)/v1/\(path)")
        // Agents and proxies may demand it, as proof that no browser was tricked into asking.
        request.headers.append((name: "X-Vault-Request", value: "true"))
        request.timeout = timeout
        if let namespace = options.namespace {
            request.headers.append((name: "X-Vault-Namespace", value: namespace))
        }
        if let token { request.secretHeaders.append(SecretHeader("X-Vault-Token", token)) }
        request.setBody(body)
        if let index = currentIndex { request.headers.append((name: "X-Vault-Index", value: index)) }
        let response = try await service.send(request)
        if response.status == 307 { return try await follow(response.header("Location"), request) }
        return try answer(response, to: path)
    }

    /// A standby that cannot forward says where the active server is. One such step is taken, never to plain HTTP.
    private func follow(_ location: String?, _ request: HTTPRequest) async throws(BackendError) -> Answer {
        let action = "asking the active Vault"
        guard let location, let target = try? HTTPAddress(location), let own = try? HTTPAddress(request.url),
            target.isSecure || !own.isSecure, target.path == own.path
        else { throw .malformed(detail: "a standby names an active Vault that cannot be followed to") }
        var next = request
        next.url = location
        let response = try await service.send(next)
        guard response.status != 307 else {
            throw .unavailable(detail: "\(action): it is a standby itself", retryAfter: .seconds(1))
        }
        return try answer(response, to: action)
    }

    private func answer(_ response: consuming HTTPResponse, to path: String) throws(BackendError) -> Answer {
        let (status, retryAfter) = (response.status, WebService.retryAfter(response, time: time))
        if let text = response.headers("X-Vault-Index").last {
            let until = time.now().advanced(by: Self.indexLifetime)
            index.withLock { $0 = (text, until) }
        }
        let body = response.takeBody()
        if body.count > 0 {
            do throws(JSONDocument.Malformed) {
                return Answer(status: status, retryAfter: retryAfter, json: try JSONDocument(body))
            } catch {
                // A proxy's error page is no answer of Vault's, and its status says enough.
                guard status >= 300 else {
                    throw .malformed(detail: "\(path) was answered with something that is not JSON")
                }
            }
        }
        let null = try BackendError.mappingMemory { () throws(MemoryError) in try JSONDocument.null() }
        return Answer(status: status, retryAfter: retryAfter, json: null)
    }

    private var currentIndex: String? {
        let now = time.now()
        return index.withLock { index in
            guard let current = index, now < current.until else {
                index = nil
                return nil
            }
            return current.text
        }
    }
}
