internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Doppler wants them: the token, and project and config in each, so that a token of another config is noticed.
struct DopplerService: Sendable {
    typealias Answer = BearerService<DopplerRefusal>.Answer

    private let options: DopplerOptions
    private let service: BearerService<DopplerRefusal>

    init(options: DopplerOptions, token: SharedSecret, web: WebService, time: TimeSource) {
        self.options = options
        service = BearerService(token: token, lookingAt: "\(options.origin)/v3/me", web: web, time: time) {
            (answer) throws(BackendError) in
            switch answer.status {
            case 200..<300: return
            case 401, 403: throw .denied(detail: "Doppler does not accept the token (status \(answer.status))")
            default: throw answer.failure(doing: "asking whose token it is")
            }
        }
    }

    func check() async throws(BackendError) { try await service.check() }

    func close() { service.close() }

    /// - Parameters:
    ///   - path: below `/v3/`.
    ///   - query: beside project and config.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ query: [(name: String, value: String)] = [],
        body: SharedSecret? = nil
    ) async throws(BackendError) -> Answer {
        let parameters = [("project", options.project), ("config", options.config)] + query
        let text = parameters.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return try await service.ask(method, "\(options.origin)/v3/\(path)?\(text)", body: body)
    }
}
