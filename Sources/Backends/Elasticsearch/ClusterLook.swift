internal import HTTP
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The look at a cluster before it is used: that it is one, of a version that is known, with an index as it must be,
/// which is made where it is missing and may be.
struct ClusterLook: Sendable {
    /// Older ones write documents another way.
    private static let oldestElasticsearch = 7

    /// What was found out of the index.
    final class Finding: Sendable {
        private let isMissing = Atomic(false)

        /// Whether there is none, in a rehearsal of what would make it: nothing is in it.
        var isAbsent: Bool { isMissing.load(ordering: .acquiring) }

        fileprivate func note(isAbsent: Bool) { isMissing.store(isAbsent, ordering: .releasing) }
    }

    let options: ElasticsearchOptions
    let notices: BackendNotices
    let finding = Finding()
    private var index: String { options.index }

    func run(_ door: ElasticsearchCluster.Door) async throws(BackendError) {
        try await version(door)
        let isThere = try await mapping(door)
        let wouldBeMade = options.createsIndex && !options.isReadOnly
        finding.note(isAbsent: !isThere && wouldBeMade && options.purpose == .rehearsing)
        if isThere || finding.isAbsent { return }
        guard options.purpose != .reading else { throw .unavailable(detail: "there is no index \(index) to read") }
        guard wouldBeMade else {
            throw .unavailable(
                detail: "there is no index \(index); make it as the documentation shows, or set create-index: true"
            )
        }
        try await create(door)
        guard try await mapping(door) else {
            throw .unavailable(detail: "the index \(index) was made and is not there; is there an alias of its name?")
        }
    }

    private func version(_ door: ElasticsearchCluster.Door) async throws(BackendError) {
        let answer = try await door.ask(.get, "/")
        // Keys for documents alone may not ask for it.
        if answer.status == 403 { return }
        guard answer.isSuccess else { throw answer.failure(doing: "asking for the cluster's version") }
        guard let number = answer.json.string(answer.json.node("version", "number")),
            let major = Int(number.prefix { $0 != "." })
        else { throw .malformed(detail: "what answers at http-hosts is not Elasticsearch, and not OpenSearch") }
        let isOpenSearch = answer.json.string(answer.json.node("version", "distribution")) == "opensearch"
        guard isOpenSearch || major >= Self.oldestElasticsearch else {
            throw .malformed(detail: "Elasticsearch \(major) is too old; version \(Self.oldestElasticsearch) is needed")
        }
    }

    /// - Returns: whether the index is there. What is wrong with it is thrown.
    private func mapping(_ door: ElasticsearchCluster.Door) async throws(BackendError) -> Bool {
        let action = "looking at the mapping of \(index), for which view_index_metadata is needed"
        let answer = try await door.ask(.get, "/\(index)/_mapping")
        if answer.refusal.type == "index_not_found_exception" { return false }
        guard answer.isSuccess else { throw answer.failure(doing: action) }
        if let obstacle = IndexLayout.obstacle(answer.json) {
            throw .malformed(detail: "the index \(index) cannot be used: \(obstacle)")
        }
        return true
    }

    private func create(_ door: ElasticsearchCluster.Door) async throws(BackendError) {
        let body = try BackendError.mappingMemory { () throws(MemoryError) in try IndexLayout.creation() }
        let answer = try await door.ask(.put, "/\(index)", body: body)
        // Another agent was faster.
        if answer.refusal.type == "resource_already_exists_exception" { return }
        guard answer.isSuccess else {
            throw answer.failure(
                doing: "making the index \(index), for which create_index is needed unless it is made by hand"
            )
        }
        notices("elasticsearch: the index \(index) was not there and has been made")
    }
}
