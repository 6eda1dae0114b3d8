internal import HTTP
internal import SecretMemory
internal import Secrets

/// Requests as Elasticsearch and OpenSearch want them: to one node or another, with the credential in each. Before the
/// first, and after a credential was refused, version and index are looked at, and nothing else is asked until these
/// are as they must be.
struct ElasticsearchCluster: Sendable {
    typealias Answer = ServiceAnswer<ElasticsearchRefusal>

    /// Statuses with which a node, or the proxy before it, says that it is away.
    private static let away: Set<Int> = [502, 503, 504]

    private let credential: ElasticsearchCredential
    private let nodes: ClusterNodes
    private let web: WebService
    private let token: StandingToken
    private let time: TimeSource

    /// - Parameter look: makes sure that the cluster and the index are as they must be.
    init(
        _ addresses: [String],
        credential: ElasticsearchCredential,
        web: WebService,
        time: TimeSource,
        look: @escaping @Sendable (Door) async throws(BackendError) -> Void
    ) {
        let nodes = ClusterNodes(addresses, time: time)
        self.credential = credential
        self.nodes = nodes
        self.web = web
        self.time = time
        token = StandingToken(credential.value, time: time) { (_) throws(BackendError) in
            try await look(Door(credential: credential, nodes: nodes, web: web, time: time))
        }
    }

    /// Makes sure that it is as it must be.
    func check() async throws(BackendError) { try await token.check() }

    func close() {
        token.close()
        web.close()
    }

    /// - Parameters:
    ///   - path: from the root, encoded, with its query.
    ///   - isRepeatable: whether another node may be asked where one gave no answer. A write may have been done.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil,
        isRepeatable: Bool = true
    ) async throws(BackendError) -> Answer {
        let door = Door(credential: credential, nodes: nodes, web: web, time: time)
        let response = try await token.send { (_) throws(BackendError) in
            try await door.send(method, path, body: body, isRepeatable: isRepeatable)
        }
        return try door.answer(response)
    }

    /// The way to the nodes, without a look at them first.
    struct Door: Sendable {
        let credential: ElasticsearchCredential
        let nodes: ClusterNodes
        let web: WebService
        let time: TimeSource

        func ask(
            _ method: HTTPRequest.Method,
            _ path: String,
            body: SharedSecret? = nil
        ) async throws(BackendError) -> Answer {
            try answer(try await send(method, path, body: body, isRepeatable: true))
        }

        func answer(_ response: consuming HTTPResponse) throws(BackendError) -> Answer {
            let (status, retryAfter) = (response.status, WebService.retryAfter(response, time: time))
            return Answer(status: status, retryAfter: retryAfter, json: try WebService.jsonIfAny(response.takeBody()))
        }

        func send(
            _ method: HTTPRequest.Method,
            _ path: String,
            body: SharedSecret?,
            isRepeatable: Bool
        ) async throws(BackendError) -> HTTPResponse {
            var failures: [String] = []
            let order = nodes.order()
            for (place, node) in order.enumerated() {
                let isLast = place == order.count - 1 || !isRepeatable
                do throws(BackendError) {
                    let response = try await web.send(request(method, nodes.addresses[node] + path, body))
                    let isAway = ElasticsearchCluster.away.contains(response.status)
                    if isAway { nodes.failed(node) } else { nodes.succeeded(node) }
                    if !isAway || isLast { return response }
                    failures.append("\(nodes.addresses[node]) answered with status \(response.status)")
                } catch {
                    // Who gives up says nothing of the node.
                    guard case .unavailable(let detail, _) = error, !Task.isCancelled else { throw error }
                    nodes.failed(node)
                    failures.append(detail)
                    if isLast { break }
                }
            }
            throw .unavailable(detail: failures.joined(separator: "; "))
        }

        private func request(_ method: HTTPRequest.Method, _ url: String, _ body: SharedSecret?) -> HTTPRequest {
            var request = HTTPRequest(method, url)
            // The official clients' own types would be understood by Elasticsearch only.
            request.headers = [("Accept", "application/json")]
            if let header = credential.header { request.secretHeaders = [header] }
            request.setBody(body)
            return request
        }
    }
}
