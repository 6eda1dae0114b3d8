internal import Secrets

/// What a cluster's errors mean. The status counts first: proxies answer without a type, and old versions with others.
/// Of the reasons nothing is passed on, because some quote the document.
struct ElasticsearchRefusal: ServiceRefusal {
    let status: Int
    /// Such as `index_not_found_exception`; "" where the answer has none.
    let type: String
    /// Whether it says that there is no such document, and not that something else is missing.
    let isMissingDocument: Bool
    private let retryAfter: Duration?

    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument) {
        self.status = status
        self.retryAfter = retryAfter
        type = Self.type(json.node("error"), json)
        isMissingDocument = status == 404 && json.boolean(json.node("found")) == false
    }

    /// The type of an error, which some front ends write as a text.
    static func type(_ error: JSONDocument.Node?, _ json: borrowing JSONDocument) -> String {
        guard let error else { return "" }
        let text = json.string(json.node("type", in: error)) ?? json.string(error) ?? ""
        // Only what looks like a name of theirs; everything else may be more than that.
        let isName = text.utf8.count <= 100 && text.utf8.allSatisfy { $0 == 0x5f || PercentEncoding.isUnreserved($0) }
        return isName ? text : ""
    }

    func failure(doing action: String) -> BackendError {
        let told = "status \(status)" + (type.isEmpty ? "" : ", \(type)")
        return switch (status, type) {
        case (_, "cluster_block_exception"):
            .unavailable(
                detail: """
                    \(action): the index is blocked (\(told)), as it is when a disk of the cluster is nearly full; \
                    free space and lift the block
                    """
            )
        case (_, "index_not_found_exception"), (404, _):
            .unavailable(
                detail: "\(action): the index is not there (\(told)); see index, or make it and restart the agent"
            )
        case (401, _): .denied(detail: "Elasticsearch does not accept the credential (\(told))")
        case (403, _): .forbidden(detail: "the credential may not do this: \(action) (\(told))")
        case (400, _):
            .malformed(detail: "\(action): Elasticsearch refuses the request (\(told)); was the index changed?")
        case (406, _), (415, _): .malformed(detail: "\(action): this is not understood (\(told)); is it Elasticsearch?")
        case (409, _): .conflict
        default: WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
