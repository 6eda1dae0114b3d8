internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as a Connect server wants them.
struct ConnectService: Sendable {
    typealias Answer = BearerService<ConnectRefusal>.Answer

    /// Of the vault, with scheme, host and port.
    private let vault: String
    private let service: BearerService<ConnectRefusal>

    /// - Parameter server: scheme, host, port and any path before `/v1`.
    init(server: String, vault: String, token: SharedSecret, web: WebService, time: TimeSource) {
        let address = "\(server)/v1/vaults/\(PercentEncoding.encode(vault))"
        self.vault = address
        service = BearerService(token: token, lookingAt: address, web: web, time: time) {
            (answer) throws(BackendError) in
            guard answer.isSuccess else { throw answer.failure(doing: "looking at the vault") }
        }
    }

    func check() async throws(BackendError) { try await service.check() }

    func close() { service.close() }

    /// - Parameter path: below the vault, encoded, with its query.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        try await service.ask(method, vault + path, body: body)
    }
}
