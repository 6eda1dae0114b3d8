internal import HTTP
internal import SecretMemory
internal import Secrets

/// Secrets in the KV engine of HashiCorp Vault or OpenBao, version 1 or 2.
final class VaultBackend: SecretBackend {
    /// Vault's own bound of a request is 32 MiB, that of its storage far below; ours is what the agent serves.
    static let maximumValueBytes = 1 << 20

    private let options: VaultOptions
    private let server: VaultServer
    private let tokens: VaultTokens
    private let engine: any VaultEngine

    init(options: VaultOptions, login: VaultLogin, service: WebService, _ surroundings: ManagerSurroundings) {
        self.options = options
        server = VaultServer(options: options, service: service, time: surroundings.time)
        tokens = VaultTokens(login: login, server: server, surroundings: surroundings)
        engine = options.engineVersion == 1 ? VaultEngineOne(options) : VaultEngineTwo(options)
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        var capabilities: BackendCapabilities = options.isReadOnly ? [.list] : [.list, .write]
        if options.layout == .tree { capabilities.insert(.namespaces) }
        if engine.hasVersions { capabilities.insert(.versions) }
        return capabilities
    }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard let path = VaultPath(name, options) else { return nil }
        return try await engine.read(path, version: version, through: self)
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        guard let folder = VaultPath(folderOf: query.tenant, query.namespace, options) else {
            return ListPage(entries: [], hasMore: false)
        }
        let keys = try await children(of: folder).keys.filter { key in
            key.utf8.starts(with: query.prefix.utf8) && query.after.utf8.lexicographicallyPrecedes(key.utf8)
                && VaultPath.isSegment(key)
        }
        return try await VaultListing(query, keys, folder, engine).page(through: self)
    }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        guard options.layout == .tree else { throw .unsupported(detail: "one folder has the keys of all namespaces") }
        return NamespacePage(of: try await VaultFolders(of: query.tenant, options).namespaces(through: self), query)
    }

    var keptMetadata: KeptMetadata { engine.hasVersions ? .all : [] }

    func objection(to write: SecretWrite, bytes: Int) -> BackendError? {
        guard !options.isReadOnly else { return .readOnly }
        guard bytes <= Self.maximumValueBytes else { return .tooLarge(limit: Self.maximumValueBytes) }
        return VaultPath(write.name, options) == nil ? Self.noPath : nil
    }

    private static let noPath = BackendError.unsupported(
        detail: "no path in Vault can have this name: it has a slash, or ends in a period"
    )

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        if let objection = objection(to: write, bytes: value.count) { throw objection }
        guard let path = VaultPath(write.name, options) else { throw Self.noPath }
        return try await engine.write(
            path,
            value,
            description: write.description,
            tags: options.tags.merging(write.tags) { _, own in own },
            through: self
        )
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard !options.isReadOnly else { throw .readOnly }
        guard let path = VaultPath(name, options) else { return false }
        // Vault acknowledges the deletion of what does not exist.
        guard try await engine.read(path, version: nil, through: self) != nil else { return false }
        let answer = try await send(.delete, engine.dataPath(path))
        guard answer.status == 204 || answer.status == 200 else {
            throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: "deleting \(engine.dataPath(path))")
        }
        return true
    }

    func connect() async throws(BackendError) {
        _ = try await tokens.current()
        try await checkEngine()
    }

    func close() async {
        await tokens.close()
        server.close()
    }

    func place(of name: SecretName) -> String { VaultPath(name, options).map { engine.dataPath($0) } ?? "no path" }

    // MARK: Asking

    /// Sends a request with the token. Where Vault does not accept the token, once more with another.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: SharedSecret? = nil
    ) async throws(BackendError) -> VaultServer.Answer {
        let token = try await tokens.current()
        let answer = try await server.send(method, path, token: token.secret, body: body)
        guard answer.status == 403, try await tokens.isRefused(token, answer.refusal) else { return answer }
        let other = try await tokens.current()
        let second = try await server.send(method, path, token: other.secret, body: body)
        if second.status == 403, second.refusal.says("invalid token") {
            throw .denied(detail: "Vault accepts neither the old token nor the one of a new log-in")
        }
        return second
    }

    /// What is directly in a folder, in ascending order: secrets, and folders without the slash at their end.
    func children(of folder: VaultPath) async throws(BackendError) -> (keys: [String], folders: [String]) {
        let path = engine.listPath(folder)
        let answer = try await send(.get, path + "?list=true")
        if answer.status == 404 { return ([], []) }
        guard answer.status == 200, let list = answer.json.node("data", "keys") else {
            throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: "listing \(path)")
        }
        let names = answer.json.elements(of: list).compactMap { answer.json.string($0) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (
            names.filter { !$0.hasSuffix("/") }, names.filter { $0.hasSuffix("/") }.map { String($0.dropLast()) }
        )
    }

    /// A wrong engine-version would make every secret look missing, so it is looked up where that is allowed.
    private func checkEngine() async throws(BackendError) {
        let mount = VaultPath.encode(options.rootEngine)
        let answer = try await send(.get, "sys/internal/ui/mounts/\(mount)")
        guard answer.status == 200, answer.json.string(answer.json.node("data", "type")) == "kv" else { return }
        let version = answer.json.string(answer.json.node("data", "options", "version")) == "2" ? 2 : 1
        guard version == options.engineVersion else {
            throw .malformed(
                detail: """
                    the engine \(options.rootEngine) is KV version \(version): set engine-version: \(version)
                    """
            )
        }
    }
}
