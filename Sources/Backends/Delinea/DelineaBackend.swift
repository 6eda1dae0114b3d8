internal import HTTP
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The secrets of a folder of Delinea Secret Server.
final class DelineaBackend: SecretBackend {
    let options: DelineaOptions
    let server: DelineaServer
    let search: DelineaSearch
    let notices: BackendNotices
    private let knownTemplate = Mutex<DelineaTemplate?>(nil)

    init(options: DelineaOptions, login: DelineaLogin, service: WebService, _ surroundings: ManagerSurroundings) {
        self.options = options
        server = DelineaServer(options.server, login: login, service: service, time: surroundings.time)
        search = DelineaSearch(server: server, folder: options.folder)
        notices = surroundings.notices
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        let isWritable = !options.isReadOnly && options.folder != nil && options.template != nil
        let isTelling: BackendCapabilities = options.names.tellNamespaces ? .namespaces : []
        return isTelling.union(isWritable ? [.list, .write] : .list)
    }

    /// A token, the template, and a look into the folder.
    func connect() async throws(BackendError) {
        try await server.logIn()
        if let template = try await template(), capabilities.contains(.write),
            let obstacle = template.obstacle(options.fields)
        {
            throw .malformed(detail: obstacle)
        }
        _ = try await search.named(Self.probeName)
    }

    func close() async { await server.close() }

    func place(of name: SecretName) -> String {
        let text = options.names.text(of: name) ?? "no name"
        return (options.folder.map { "folder \($0): " } ?? "") + text
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let found = try await search.holding(options.names.start(query.tenant, query.namespace))
        let (rows, hasMore) = options.names.page(of: query, found) { $0.name }
        var entries: [SecretEntry] = []
        for row in rows {
            let note = try await note(of: row.found) ?? SecretNote()
            entries.append(
                SecretEntry(
                    namespace: query.namespace,
                    key: row.key,
                    description: note.description,
                    tags: note.tags
                )
            )
        }
        return ListPage(entries: entries, hasMore: hasMore)
    }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        let start = query.tenant.map { options.names.encode($0) } ?? ""
        return options.names.page(of: query, try await search.holding(start).map(\.name))
    }

    // MARK: Pieces

    /// A name that nobody gives a secret, because what it is looked for is only whether an answer comes.
    private static let probeName = "tacit-connection-check"

    /// The configured template; nil where there is none.
    func template() async throws(BackendError) -> DelineaTemplate? {
        guard let number = options.template else { return nil }
        if let known = knownTemplate.withLock({ $0 }) { return known }
        let json = try await server.ask(.get, "secret-templates/\(number)").json("reading template \(number)")
        let read = try DelineaTemplate(number, json, valueField: options.valueField)
        knownTemplate.withLock { $0 = read }
        return read
    }

    /// What the agent noted beside a value.
    ///
    /// - Returns: nil where the notes are somebody else's.
    func note(of found: DelineaSearch.Found) async throws(BackendError) -> SecretNote? {
        guard found.template == options.template, let slug = try await template()?.notes?.slug else {
            return SecretNote()
        }
        let action = "reading the notes of \(found.name)"
        let answer = try await server.ask(.get, Self.path(found.id, slug))
        // Deleted, or closed to the agent, since it was listed: still in the listing, with nothing beside it.
        if answer.refusal?.isAccessDenied == true { return SecretNote() }
        let json = try answer.json(action)
        return try SecretNote.read(json.root, in: json)
    }

    static func path(_ id: Int64, _ slug: String) -> String {
        "secrets/\(id)/fields/\(PercentEncoding.encode(slug))"
    }
}
