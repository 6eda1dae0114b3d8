internal import HTTP
internal import SecretMemory
internal import Secrets

/// The service of the machine, or of the cluster's node, that gives tokens to what runs there.
struct MetadataServer: Sendable {
    static let defaultHost = "metadata.google.internal"

    let web: WebService
    /// Host, and port where it is not 80.
    let host: String
    let timeout: Duration
    let time: TimeSource

    /// - Parameter credentials: know the variables that name another host.
    init(web: WebService, credentials: GoogleCredentials, time: TimeSource) {
        self.web = web
        self.time = time
        host = credentials.text("GCE_METADATA_HOST") ?? credentials.text("GCE_METADATA_ROOT") ?? Self.defaultHost
        let seconds = credentials.text("GCE_METADATA_TIMEOUT").flatMap { Int64($0) } ?? 3
        timeout = .seconds(min(max(seconds, 1), 60))
    }

    func token() async throws(BackendError) -> TokenSource<SharedSecret>.Lease {
        let path = "instance/service-accounts/default/token?scopes=\(PercentEncoding.encode(GoogleCredential.scope))"
        let answered = try await get(path)
        guard let response = answered else {
            throw .denied(detail: "the metadata server \(host) has no service account for this machine or pod")
        }
        return try TokenAnswer.read(response, from: host)
    }

    /// The project of the machine; nil where the server knows none.
    func project() async throws(BackendError) -> String? {
        guard let response = try await get("project/project-id") else { return nil }
        guard let project = String(utf8: response.body.bytes) else {
            throw .malformed(detail: "the metadata server \(host) gives no name of a project")
        }
        return project
    }

    /// - Returns: nil where there is no such thing.
    private func get(_ path: String) async throws(BackendError) -> HTTPResponse? {
        var request = HTTPRequest(.get, "http://\(host)/computeMetadata/v1/\(path)")
        request.headers = [("Metadata-Flavor", "Google")]
        request.isToMetadataService = true
        request.timeout = timeout
        let response: HTTPResponse
        do throws(BackendError) { response = try await web.send(request) } catch {
            guard case .unavailable(let detail, let retryAfter) = error else { throw error }
            throw .unavailable(
                detail: """
                    the metadata server does not answer (\(detail)); outside of Google's cloud, set service-account or \
                    GOOGLE_APPLICATION_CREDENTIALS
                    """,
                retryAfter: retryAfter
            )
        }
        // Whatever else answers at this address must not hand out tokens, nor be believed that there are none.
        guard response.header("Metadata-Flavor") == "Google" else {
            throw .malformed(detail: "what answers at \(host) is not Google's metadata server")
        }
        switch response.status {
        case 200: return response
        case 404: return nil
        default:
            throw WebService.failure(
                response.status,
                retryAfter: WebService.retryAfter(response, time: time),
                doing: "asking the metadata server \(host)"
            )
        }
    }
}
