internal import Cryptography
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Secrets in an index of Elasticsearch or OpenSearch, each sealed for its own tenant, namespace, key and version: the
/// cluster, its logs and its snapshots never have a value.
final class ElasticsearchBackend: SecretBackend {
    private let options: ElasticsearchOptions
    private let keyring: EnvelopeKeyring
    private let place: SealedPlace
    private let floor = VersionFloor()
    private let cluster: ElasticsearchCluster
    private let reader: DocumentReader
    private let writer: DocumentWriter
    private let search: DocumentSearch
    private let resealer: Resealer
    private let finding: ClusterLook.Finding

    /// Asks nothing yet.
    init(
        options: ElasticsearchOptions,
        credential: ElasticsearchCredential,
        keyring: EnvelopeKeyring,
        web: WebService,
        _ surroundings: ManagerSurroundings
    ) {
        let time = surroundings.time
        let look = ClusterLook(options: options, notices: surroundings.notices)
        finding = look.finding
        self.options = options
        self.keyring = keyring
        place = SealedPlace(store: "the index \(options.index)", section: "elasticsearch")
        cluster = ElasticsearchCluster(options.nodes, credential: credential, web: web, time: time) {
            (door) throws(BackendError) in try await look.run(door)
        }
        reader = DocumentReader(cluster, index: options.index, place: place, time: time)
        writer = DocumentWriter(
            cluster: cluster,
            reader: reader,
            index: options.index,
            place: place,
            keyring: keyring,
            floor: floor,
            time: time
        )
        search = DocumentSearch(cluster: cluster, index: options.index)
        let documents = DocumentResealer(
            search: search,
            reader: reader,
            writer: writer,
            notices: surroundings.notices
        )
        resealer = Resealer(section: place.section, time: time, notices: surroundings.notices) {
            () throws(BackendError) in try await documents.pass()
        }
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        options.isReadOnly ? [.list, .namespaces] : [.list, .namespaces, .write]
    }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        try await connect()
        if finding.isAbsent { return nil }
        let known = floor.floor(of: name)
        guard let found = try await reader.find(name)?.document else {
            guard known == 0 else { throw place.rollback(of: name, found: nil, known: known) }
            return nil
        }
        guard found.version >= known else { throw place.rollback(of: name, found: found.version, known: known) }
        floor.raise(name, to: found.version)
        guard let sealed = found.sealed, isSeen(found.tags) else { return nil }
        guard version == nil || version == String(found.version) else {
            throw .unsupported(detail: "the index keeps the current version only, which is \(found.version)")
        }
        let context = EnvelopeContext(name, version: found.version)
        do throws(EnvelopeError) {
            let value = try keyring.open(sealed.envelope.span, for: context)
            return FetchedSecret(value: value, version: String(found.version))
        } catch {
            throw place.refusal(error, of: name)
        }
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        try await connect()
        if finding.isAbsent { return ListPage(entries: [], hasMore: false) }
        return try await search.list(query, tags: options.filter)
    }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        try await connect()
        if finding.isAbsent { return NamespacePage(namespaces: [], hasMore: false) }
        return try await search.namespaces(query)
    }

    func objection(to write: SecretWrite, bytes: Int) -> BackendError? {
        EnvelopeLayout.objection(isReadOnly: options.isReadOnly, bytes: bytes) ?? DocumentTags.objection(to: write.tags)
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard options.mayChange else { throw .readOnly }
        if let objection = objection(to: write, bytes: value.count) { throw objection }
        let copy: SharedSecret
        do throws(MemoryError) { copy = SharedSecret(try value.copy(account: .store)) } catch { throw .memory(error) }
        try await connect()
        let tagged = SecretWrite(
            name: write.name,
            description: write.description,
            tags: options.tags.merging(write.tags) { _, chosen in chosen }
        )
        return try await writer.put(tagged, copy)
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard options.mayChange else { throw .readOnly }
        try await connect()
        return try await writer.delete(name)
    }

    func connect() async throws(BackendError) {
        try await cluster.check()
        if options.mayChange, !keyring.previousIdentifiers.isEmpty { resealer.start() }
    }

    func close() async {
        resealer.stop()
        cluster.close()
    }

    func place(of name: SecretName) -> String {
        let identifier = try? DocumentIdentifier.of(name)
        return "\(options.index)/_doc/\(identifier ?? "?")"
    }

    private func isSeen(_ tags: [String]) -> Bool {
        DocumentTags.texts(options.filter).allSatisfy { tags.contains($0) }
    }
}
