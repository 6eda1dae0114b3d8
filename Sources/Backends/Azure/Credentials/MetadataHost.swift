internal import Configuration
internal import HTTP
internal import SecretMemory

/// Who gives the tokens of a machine's own identity. Each place where Azure runs programs has its own service for it, and says
/// in the environment where.
enum MetadataHost: Sendable {
    /// A virtual machine, or a node of a cluster.
    case machine(endpoint: String)
    case appService(endpoint: String, header: SharedSecret)
    /// A machine outside of Azure: proves that it may read a file before it gets a token.
    case arc(endpoint: String)
    case machineLearning(endpoint: String, secret: SharedSecret)
    case cloudShell(endpoint: String)
    /// Its certificate would have to be pinned to a thumbprint.
    case serviceFabric

    private static let machineEndpoint = "http://169.254.169.254"

    /// The first that the environment fits, in the order of the official libraries.
    init(_ environment: any ConfigurationEnvironment) {
        let endpoint = environment.text("IDENTITY_ENDPOINT")
        if let endpoint, let header = environment.secret("IDENTITY_HEADER") {
            self =
                environment.text("IDENTITY_SERVER_THUMBPRINT") == nil
                ? .appService(endpoint: endpoint, header: header) : .serviceFabric
        } else if let endpoint, environment.text("IMDS_ENDPOINT") != nil {
            self = .arc(endpoint: endpoint)
        } else if let endpoint = environment.text("MSI_ENDPOINT") {
            self =
                environment.secret("MSI_SECRET").map { .machineLearning(endpoint: endpoint, secret: $0) }
                ?? .cloudShell(endpoint: endpoint)
        } else {
            self = .machine(endpoint: environment.text("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? Self.machineEndpoint)
        }
    }

    /// The request for a token; nil where there is no way to ask.
    func request(resource: String, identity: ManagedIdentity?) -> HTTPRequest? {
        let wanted = "resource=\(PercentEncoding.encode(resource))"
        let chosen = identity.map { "&\($0.parameter)=\(PercentEncoding.encode($0.value))" } ?? ""
        var request: HTTPRequest
        switch self {
        case .machine(let endpoint):
            let path = "/metadata/identity/oauth2/token?api-version=2018-02-01"
            request = HTTPRequest(.get, "\(Self.trimmed(endpoint))\(path)&\(wanted)\(chosen)")
            request.headers = [("Metadata", "true")]
        case .appService(let endpoint, let header):
            request = HTTPRequest(.get, "\(endpoint)?api-version=2019-08-01&\(wanted)\(chosen)")
            request.secretHeaders = [SecretHeader("X-IDENTITY-HEADER", header)]
        case .arc(let endpoint):
            request = HTTPRequest(.get, "\(endpoint)?api-version=2020-06-01&\(wanted)")
            request.headers = [("Metadata", "true")]
        case .machineLearning(let endpoint, let secret):
            // This oldest form spells the parameter in its own way.
            let client = identity?.kind == .client ? identity : nil
            let suffix = client.map { "&clientid=\(PercentEncoding.encode($0.value))" } ?? ""
            request = HTTPRequest(.get, "\(endpoint)?api-version=2017-09-01&\(wanted)\(suffix)")
            request.secretHeaders = [SecretHeader("secret", secret)]
        case .cloudShell(let endpoint):
            request = HTTPRequest(.post, endpoint)
            request.headers = [("Metadata", "true"), ("Content-Type", FormBody.contentType)]
            guard let body = try? SecretBytes(copying: wanted.utf8Span.span, account: .http) else { return nil }
            request.body = SharedSecret(body)
        case .serviceFabric:
            return nil
        }
        request.isToMetadataService = true
        return request
    }

    /// A request without the header that the service demands: any answer shows that somebody is there.
    func probe() -> HTTPRequest? {
        guard case .machine(let endpoint) = self else { return nil }
        var request = HTTPRequest(.get, "\(Self.trimmed(endpoint))/metadata/identity/oauth2/token")
        request.isToMetadataService = true
        request.timeout = .seconds(1)
        return request
    }

    private static func trimmed(_ endpoint: String) -> String {
        endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    }
}

/// One of several identities of a machine.
struct ManagedIdentity: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        case client = "client-id"
        case object = "object-id"
        case resource = "resource-id"
    }

    let kind: Kind
    let value: String

    init(kind: Kind, value: String) {
        self.kind = kind
        self.value = value
    }

    var parameter: String {
        switch kind {
        case .client: "client_id"
        case .object: "object_id"
        case .resource: "mi_res_id"
        }
    }
}

/// Variables of the process as credentials find them; an empty one is none.
extension ConfigurationEnvironment {
    /// A variable that holds no secret.
    func text(_ name: String) -> String? { secret(name).flatMap { ScalarText($0).string() } }

    func secret(_ name: String) -> SharedSecret? {
        guard let value = try? value(name), value.value.count > 0 else { return nil }
        return value
    }
}
