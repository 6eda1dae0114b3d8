internal import HTTP
internal import SecretMemory
internal import Secrets

/// Variables of Conjur, below a branch of its policy.
final class ConjurBackend: SecretBackend {
    private let options: ConjurOptions
    private let server: ConjurServer
    private let reader: VariableReader
    private let listing: VariableListing
    private let policy: ConjurPolicy

    init(
        options: ConjurOptions,
        credential: ConjurCredential,
        service: WebService,
        _ surroundings: ManagerSurroundings
    ) {
        self.options = options
        server = ConjurServer(options.server, credential: credential, service: service, time: surroundings.time)
        reader = VariableReader(server, account: options.account, time: surroundings.time)
        listing = VariableListing(server: server, account: options.account)
        policy = ConjurPolicy(
            server: server,
            account: options.account,
            branch: options.branch,
            time: surroundings.time
        )
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        let isTelling: BackendCapabilities = options.names.tellNamespaces ? .namespaces : []
        return isTelling.union(options.isReadOnly ? [.list, .versions] : [.list, .write, .versions])
    }

    /// A token, and a look at the variables.
    func connect() async throws(BackendError) {
        try await server.logIn()
        try await listing.check()
    }

    func close() async { await server.close() }

    func place(of name: SecretName) -> String { "\(options.account): \(options.id(of: name) ?? "no variable")" }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        var number: Int64?
        if let version {
            guard let read = Int64(version), read > 0 else {
                throw .unsupported(detail: "a version of Conjur is a number")
            }
            number = read
        }
        guard let id = options.id(of: name), let value = try await reader.read(id, version: number) else { return nil }
        return FetchedSecret(value: value, version: version ?? "")
    }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        options.names.page(of: query, try await listing.all().compactMap { options.name(of: $0.id) })
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let found = try await listing.all().compactMap { variable in
            options.name(of: variable.id).map { (name: $0, variable: variable) }
        }
        let (rows, hasMore) = options.names.page(of: query, found) { $0.name }
        let entries = rows.map { row in
            var tags = row.found.variable.annotations
            let description = tags.removeValue(forKey: Self.descriptionKey)
            return SecretEntry(
                namespace: query.namespace,
                key: row.key,
                version: "\(row.found.variable.version)",
                description: description,
                tags: tags
            )
        }
        return ListPage(entries: entries, hasMore: hasMore)
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard !options.isReadOnly else { throw .readOnly }
        let limit = ConjurOptions.maximumValueBytes
        guard value.count <= limit else { throw .tooLarge(limit: limit) }
        guard value.count > 0 else { throw .unsupported(detail: "a variable of Conjur is never empty") }
        guard let id = options.id(of: write.name), let name = options.name(of: id) else {
            throw .unsupported(detail: "no variable of Conjur can have this name, or it is too long")
        }
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            SharedSecret(try value.copy(account: .http))
        }
        let annotations = try annotations(write)
        if annotations.isEmpty, try await store(body, id) { return "" }
        guard options.managesPolicy else {
            throw .unsupported(
                detail: """
                    there is no variable \(id) that the agent sees: make it by policy, or let the agent with \
                    manage-policy: true
                    """
            )
        }
        try await policy.make(name, annotations: annotations)
        guard try await store(body, id) else {
            throw .forbidden(detail: "the variable \(id) was made, and the agent may not see it")
        }
        return ""
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard !options.isReadOnly else { throw .readOnly }
        guard options.managesPolicy else {
            throw .unsupported(detail: "variables of Conjur are deleted by policy: see manage-policy")
        }
        guard let id = options.id(of: name), let local = options.name(of: id) else { return false }
        let path = "\(PercentEncoding.encode(options.account))/variable/\(PercentEncoding.encode(id))"
        if let refusal = try await server.ask(.get, "resources/\(path)").refusal {
            if refusal.isMissing { return false }
            throw refusal.failure(doing: "looking for \(id)")
        }
        try await policy.delete(local)
        return true
    }

    // MARK: Pieces

    private static let descriptionKey = "description"

    private func annotations(_ write: SecretWrite) throws(BackendError) -> [String: String] {
        var annotations = options.managesPolicy ? options.tags : [:]
        annotations.merge(write.tags) { _, chosen in chosen }
        if let description = write.description, !description.isEmpty {
            annotations[Self.descriptionKey] = description
        }
        guard options.managesPolicy || annotations.isEmpty else {
            throw .unsupported(detail: "descriptions and tags of Conjur are policy: see manage-policy")
        }
        return annotations
    }

    /// - Returns: false where there is no such variable.
    private func store(_ body: SharedSecret, _ id: String) async throws(BackendError) -> Bool {
        let path = VariableReader.path(id, account: options.account)
        guard let refusal = try await server.ask(.post, path, body: body).refusal else { return true }
        if refusal.isMissing { return false }
        throw refusal.failure(doing: "writing \(id)")
    }
}
