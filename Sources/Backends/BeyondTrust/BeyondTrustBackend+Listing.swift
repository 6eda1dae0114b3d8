internal import HTTP
internal import Secrets

extension BeyondTrustBackend {
    /// So many have fewer names and values together than a document may have.
    private static let pageSize = 500
    /// Beyond so many secrets the folder is not one for an agent.
    private static let maximumPages = 40

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        var entries: [SecretEntry] = []
        try await each { (record, json) throws(BackendError) in
            let key = options.names.key(of: record.title, tenant: query.tenant, namespace: query.namespace)
            guard key != nil else { return }
            entries.append(
                SecretEntry(
                    namespace: query.namespace,
                    key: record.title,
                    updatedAt: record.modified(in: json),
                    description: record.description(in: json),
                    tags: try record.note(in: json)?.tags ?? [:]
                )
            )
        }
        let (rows, hasMore) = options.names.page(of: query, entries) { $0.key }
        return ListPage(entries: rows.map { named($0.found, $0.key) }, hasMore: hasMore)
    }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        var places: Set<NamespaceName> = []
        try await each { (record, _) throws(BackendError) in
            if let place = options.names.place(of: record.title) { places.insert(place) }
        }
        return NamespacePage(of: places, query)
    }

    /// Goes through all secrets of the folder.
    private func each(
        _ body: (BeyondTrustRecord, borrowing JSONDocument) throws(BackendError) -> Void
    ) async throws(BackendError) {
        let action = "listing secrets\(options.folder.map { " of folder \($0)" } ?? "")"
        let path = options.folder.map { "folders/\($0)/secrets" } ?? "secrets"
        var seen: Set<String> = []
        var offset = 0
        for _ in 0..<Self.maximumPages {
            let place = "\(path)?limit=\(Self.pageSize)&offset=\(offset)&\(Self.version)"
            let json = try await server.ask(.get, place).json(action)
            let (records, count) = try BeyondTrustRecord.all(in: json, folder: options.folder, action)
            let known = seen.count
            for record in records where seen.insert(record.id).inserted { try body(record, json) }
            offset += count
            // A server that does not know of pages sends everything, again and again.
            if count < Self.pageSize || records.count > 0 && seen.count == known { return }
        }
        throw .malformed(detail: "\(action): there are more than \(Self.maximumPages * Self.pageSize)")
    }

    private func named(_ entry: SecretEntry, _ key: String) -> SecretEntry {
        SecretEntry(
            namespace: entry.namespace,
            key: key,
            updatedAt: entry.updatedAt,
            description: entry.description,
            tags: entry.tags
        )
    }
}
