internal import HTTP
internal import SecretMemory
internal import Secrets

/// Secrets in one config of Doppler.
final class DopplerBackend: SecretBackend {
    /// Doppler does not say how large a value may be.
    static let maximumValueBytes = 50 << 10

    private let options: DopplerOptions
    private let service: DopplerService
    private let reader: DopplerReader
    private let notices: BackendNotices

    /// Asks nothing yet.
    init(options: DopplerOptions, token: SharedSecret, web: WebService, _ surroundings: ManagerSurroundings) {
        self.options = options
        service = DopplerService(options: options, token: token, web: web, time: surroundings.time)
        reader = DopplerReader(service, time: surroundings.time)
        notices = surroundings.notices
    }

    var capabilities: BackendCapabilities { options.isReadOnly ? [.list] : [.list, .write] }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard version == nil else { throw .unsupported(detail: "Doppler keeps no versions of a secret") }
        guard let dopplerName = options.names.dopplerName(of: name), let value = try await reader.read(dopplerName)
        else { return nil }
        return FetchedSecret(value: value, version: "")
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let keys = try await names(doing: "listing \(query.namespace)").compactMap { name in
            options.names.key(of: name, tenant: query.tenant, namespace: query.namespace)
        }
        let rest = keys.filter { key in
            key.utf8.starts(with: query.prefix.utf8) && query.after.utf8.lexicographicallyPrecedes(key.utf8)
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let limit = max(1, query.limit)
        return ListPage(
            entries: rest.prefix(limit).map { SecretEntry(namespace: query.namespace, key: $0) },
            hasMore: rest.count > limit
        )
    }

    var keptMetadata: KeptMetadata { [] }

    func objection(to write: SecretWrite, bytes: Int) -> BackendError? {
        guard !options.isReadOnly else { return .readOnly }
        guard bytes <= Self.maximumValueBytes else { return .tooLarge(limit: Self.maximumValueBytes) }
        return options.names.dopplerName(of: write.name) == nil ? noName : nil
    }

    private var noName: BackendError {
        .unsupported(detail: "no name in Doppler can stand for this one: \(nameRules)")
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        if let objection = objection(to: write, bytes: value.count) { throw objection }
        guard let name = options.names.dopplerName(of: write.name) else { throw noName }
        let action = "writing \(name)"
        let body = try body { (writer) throws(MemoryError) in
            try writer.key("project")
            try writer.string(options.project)
            try writer.key("config")
            try writer.string(options.config)
            try writer.key("secrets")
            try writer.beginObject()
            try writer.key(name)
            // Doppler puts other secrets in where a value says ${NAME}.
            try TextForm.write(value.bytes, avoiding: "${", to: &writer)
            try writer.endObject()
        }
        // The answer has every secret of the config; it is wiped with the rest of it.
        let answer = try await service.ask(.post, "configs/config/secrets", body: body)
        guard answer.isSuccess else { throw answer.failure(doing: action) }
        try await note(write, name)
        return ""
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard !options.isReadOnly else { throw .readOnly }
        guard let dopplerName = options.names.dopplerName(of: name) else { return false }
        let action = "deleting \(dopplerName)"
        // Doppler's answer to the deletion of what does not exist is not documented.
        guard try await names(doing: action).contains(where: { $0.hasSameBytes(as: dopplerName) }) else { return false }
        let answer = try await service.ask(.delete, "configs/config/secret", [("name", dopplerName)])
        if answer.isSuccess { return true }
        guard answer.refusal.isMissingSecret else { throw answer.failure(doing: action) }
        return false
    }

    func connect() async throws(BackendError) {
        try await service.check()
        _ = try await names(doing: "connecting")
    }

    func close() async { service.close() }

    func place(of name: SecretName) -> String {
        guard let dopplerName = options.names.dopplerName(of: name) else { return "none: \(nameRules)" }
        return "\(options.project)/\(options.config)/\(dopplerName)"
    }

    private var nameRules: String {
        options.names.layout == .flat
            ? "a key has capitals, digits and underscores only"
            : "it would have more than \(DopplerNames.maximumCharacters) characters"
    }

    // MARK: Pieces

    private func names(doing action: String) async throws(BackendError) -> [String] {
        let answer = try await service.ask(
            .get,
            "configs/config/secrets/names",
            [("include_dynamic_secrets", "false"), ("include_managed_secrets", "false")]
        )
        guard answer.isSuccess else { throw answer.failure(doing: action) }
        guard let names = answer.json.node("names"), answer.json.kind(names) == .array else {
            throw .malformed(detail: "\(action): the answer is no list of names")
        }
        return answer.json.elements(of: names).compactMap { answer.json.string($0) }
    }

    /// Description and tags are the secret's note, which all configs of the project share. The value is written by now, so a
    /// note that is refused is said and fails nothing.
    private func note(_ write: SecretWrite, _ name: String) async throws(BackendError) {
        let tags = options.tags.merging(write.tags) { _, own in own }
        let lines =
            [write.description].compactMap { $0 } + tags.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        guard !lines.isEmpty else { return }
        let body = try body { (writer) throws(MemoryError) in
            try writer.key("secret")
            try writer.string(name)
            try writer.key("note")
            try writer.string(lines.joined(separator: "\n"))
        }
        let reason: String
        do throws(BackendError) {
            let answer = try await service.ask(.post, "projects/project/note", body: body)
            guard !answer.isSuccess else { return }
            reason = "status \(answer.status)"
        } catch {
            reason = "\(error)"
        }
        notices("doppler: \(name) is written, and its note is not (\(reason)): the token may be for secrets only")
    }

    private func body(
        _ members: (inout JSONWriter) throws(MemoryError) -> Void
    ) throws(BackendError) -> SharedSecret {
        try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            try members(&writer)
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
    }
}
