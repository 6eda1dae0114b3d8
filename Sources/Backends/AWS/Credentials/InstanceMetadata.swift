internal import HTTP
internal import SecretMemory
internal import Secrets

/// The service on every machine of EC2 that knows its region and has the keys of its role. Only version 2 is spoken, whose
/// session token keeps requests out that somebody tricked the machine into making.
struct InstanceMetadata: Sendable {
    /// The longest life of a session, seconds: one session serves one question.
    private static let sessionSeconds = "60"
    private static let addresses = ["IPV4": "http://169.254.169.254", "IPV6": "http://[fd00:ec2::254]"]
    private static let plainHosts: Set<String> = ["169.254.169.254", "fd00:ec2::254"]

    let web: WebService
    let variables: AWSVariables

    /// Nil where it is switched off.
    func base() throws(BackendError) -> String? {
        guard try !variables.isTrue("AWS_EC2_METADATA_DISABLED") else { return nil }
        let mode = try variables.string("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.uppercased() ?? "IPV4"
        let address = try variables.address("AWS_EC2_METADATA_SERVICE_ENDPOINT", plainHosts: Self.plainHosts)
        return address?.origin ?? Self.addresses[mode] ?? Self.addresses["IPV4"]
    }

    /// - Returns: what stands at `path`; nil where there is nothing.
    func read(_ path: String, at base: String) async throws(BackendError) -> SecretBytes? {
        var session = HTTPRequest(.put, "\(base)/latest/api/token")
        session.headers = [("X-aws-ec2-metadata-token-ttl-seconds", Self.sessionSeconds)]
        let answer = try await send(session)
        guard answer.status == 200 else {
            throw .unavailable(detail: "the instance's metadata service opens no session (status \(answer.status))")
        }
        var request = HTTPRequest(.get, "\(base)/latest/meta-data/\(path)")
        request.secretHeaders = [SecretHeader("X-aws-ec2-metadata-token", SharedSecret(answer.takeBody()))]
        let response = try await send(request)
        switch response.status {
        case 200: return response.takeBody()
        case 404: return nil
        default: throw WebService.failure(response.status, doing: "asking the instance's metadata service for \(path)")
        }
    }

    private func send(_ request: HTTPRequest) async throws(BackendError) -> HTTPResponse {
        var request = request
        request.isToMetadataService = true
        request.timeout = try variables.seconds("AWS_METADATA_SERVICE_TIMEOUT", default: 1)
        return try await web.send(request)
    }

    /// The first line of what stands at `path`, which is no secret.
    func line(_ path: String, at base: String) async throws(BackendError) -> String? {
        guard let body = try await read(path, at: base) else { return nil }
        guard body.count <= 1024, let text = String(utf8: body.bytes) else {
            throw .malformed(detail: "the instance's metadata service answered something else than text")
        }
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
    }
}

/// The keys of the role that an instance of EC2 has.
struct InstanceKeys: AWSCredentialSource {
    /// Keys that have ended are used on, where the service has no others, and asked for again after this long.
    static let patience = Duration.seconds(15 * 60)
    private static let path = "iam/security-credentials/"

    let metadata: InstanceMetadata
    let clock: AWSClock

    func grant() async throws(BackendError) -> AWSGrant? {
        guard let base = try metadata.base() else { return nil }
        let role: String?
        do throws(BackendError) {
            role = try await metadata.line(Self.path, at: base)
        } catch {
            throw Self.explained(error)
        }
        guard let role else { throw .denied(detail: "the instance has no role, so its metadata service has no keys") }
        let path = Self.path + PercentEncoding.encode(role)
        guard let body = try await metadata.read(path, at: base) else {
            throw .denied(detail: "the instance's metadata service has no keys of the role \(role)")
        }
        let document = try WebService.json(body, doing: "asking the instance's metadata service for keys")
        if let code = document.string(document.node("Code")), code != "Success" {
            throw .denied(
                detail: "the instance's metadata service has no keys of the role \(role) (\(code.prefix(80)))"
            )
        }
        var grant = try AWSGrant(document, origin: "the instance's role \(role)")
        if let end = grant.end, end <= clock.now { grant.end = clock.now + Self.patience.nanoseconds / 1_000_000 }
        return grant
    }

    /// This is the last place that is looked at, so who has no keys anywhere ends here too.
    private static func explained(_ error: BackendError) -> BackendError {
        guard case .unavailable(let detail, let retryAfter) = error else { return error }
        return .unavailable(
            detail: """
                there are no keys in the configuration, the environment or the shared files, and the instance's metadata \
                service cannot be asked (\(detail)); in a container, its hop limit may be too low
                """,
            retryAfter: retryAfter
        )
    }
}
