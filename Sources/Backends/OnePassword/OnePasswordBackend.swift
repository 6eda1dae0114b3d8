internal import HTTP
internal import SecretMemory
internal import Secrets

/// Items in one vault of 1Password, through a Connect server.
final class OnePasswordBackend: SecretBackend {
    /// 1Password does not say how large a field may be.
    static let maximumValueBytes = 64 << 10

    private let options: OnePasswordOptions
    private let titles: ItemTitle
    private let service: ConnectService
    private let finder: ItemFinder
    private let time: TimeSource

    /// Asks nothing yet.
    init(options: OnePasswordOptions, token: SharedSecret, web: WebService, _ surroundings: ManagerSurroundings) {
        self.options = options
        time = surroundings.time
        titles = ItemTitle(layout: options.layout)
        service = ConnectService(
            server: options.server,
            vault: options.vaultID,
            token: token,
            web: web,
            time: surroundings.time
        )
        finder = ItemFinder(service, time: surroundings.time)
    }

    var capabilities: BackendCapabilities { options.isReadOnly ? [.list] : [.list, .write] }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard version == nil else { throw .unsupported(detail: "1Password Connect gives the current version only") }
        guard let title = titles.title(of: name), let found = try await finder.find(title), isSeen(found) else {
            return nil
        }
        let action = "reading \(title)"
        let answer = try await service.ask(.get, "/items/\(PercentEncoding.encode(found.id))")
        guard answer.isSuccess else {
            if answer.refusal.isMissingItem { return nil }
            throw answer.failure(doing: action)
        }
        guard let item = ItemSummary(answer.json.root, in: answer.json), item.id == found.id else {
            throw .malformed(detail: "\(action): the answer is not that item")
        }
        // It was given another title, or taken out of sight, since it was found.
        guard item.title.hasSameBytes(as: title), isSeen(item),
            let value = try ItemValue.read(answer.json, item.category, doing: action)
        else { return nil }
        return FetchedSecret(value: value, version: "\(item.version)")
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        var entries: [[UInt8]: SecretEntry] = [:]
        for item in try await finder.all(doing: "listing \(query.namespace)") where isSeen(item) {
            guard let key = titles.key(of: item.title, tenant: query.tenant, namespace: query.namespace),
                key.utf8.starts(with: query.prefix.utf8), query.after.utf8.lexicographicallyPrecedes(key.utf8)
            else { continue }
            entries[Array(key.utf8)] = SecretEntry(
                namespace: query.namespace,
                key: key,
                version: "\(item.version)",
                updatedAt: item.updatedAt,
                tags: ItemTags.tags(item.tags)
            )
        }
        let sorted = entries.values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let limit = max(1, query.limit)
        return ListPage(entries: Array(sorted.prefix(limit)), hasMore: sorted.count > limit)
    }

    /// A description is written, and a listing does not give it back.
    var keptMetadata: KeptMetadata { .tags }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard !options.isReadOnly else { throw .readOnly }
        guard value.count <= Self.maximumValueBytes else { throw .tooLarge(limit: Self.maximumValueBytes) }
        guard let title = titles.title(of: write.name) else { throw .unsupported(detail: "a key must not be empty") }
        let tags = options.tags.merging(write.tags) { _, own in own }
        if let item = try await finder.findNow(title) {
            return try await writer.change(item, value, description: write.description, tags: tags)
        }
        return try await writer.create(title, value, description: write.description, tags: tags)
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard !options.isReadOnly else { throw .readOnly }
        guard let title = titles.title(of: name), let item = try await finder.findNow(title) else { return false }
        return try await writer.delete(item)
    }

    func connect() async throws(BackendError) {
        try await service.check()
        // A token may be for a vault and not for reading its items; which title is asked for does not matter.
        _ = try await finder.all("tacit")
    }

    func close() async { service.close() }

    func place(of name: SecretName) -> String {
        titles.title(of: name).map { "the item \($0) of the vault \(options.vaultID)" } ?? "none: the key is empty"
    }

    private var writer: ItemWriter {
        ItemWriter(service: service, finder: finder, vaultID: options.vaultID, time: time)
    }

    /// Whether it has the tags that are demanded.
    private func isSeen(_ item: ItemSummary) -> Bool {
        guard !options.filter.isEmpty else { return true }
        let tags = ItemTags.tags(item.tags)
        return options.filter.allSatisfy { name, text in
            tags.contains { $0.key.hasSameBytes(as: name) && $0.value.hasSameBytes(as: text) }
        }
    }
}
