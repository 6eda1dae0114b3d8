internal import Secrets

extension GoogleBackend {
    /// Most names of one namespace.
    private static let maximumEntries = 20_000

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        // As a name, because these are compared byte for byte.
        let subject = SecretName(tenant: query.tenant, namespace: query.namespace, key: query.prefix)
        let recent = query.after.isEmpty ? nil : listings.find(subject)
        let entries: [SecretEntry]
        if let recent {
            entries = recent
        } else {
            entries = try await read(query)
            listings.keep(entries, for: subject)
        }
        let rest = entries.drop { !query.after.utf8.lexicographicallyPrecedes($0.key.utf8) && !query.after.isEmpty }
        let limit = max(1, query.limit)
        return ListPage(entries: Array(rest.prefix(limit)), hasMore: rest.count > limit)
    }

    /// All names of a namespace that begin so, in order.
    private func read(_ query: ListQuery) async throws(BackendError) -> [SecretEntry] {
        let parent = try await project.parent()
        let stem = names.stem(tenant: query.tenant, namespace: query.namespace)
        // A name that somebody made by hand holds none of this.
        let fragment = options.hasFlatNames ? "" : stem + GoogleSecretNames.escape(query.prefix.utf8)
        var found: [SecretName: SecretEntry] = [:]
        try await GoogleSecretPages(service: service).read(
            filter: GoogleFilter.all(labels: options.filter, nameContains: fragment),
            of: parent
        ) { (secret) throws(BackendError) in
            guard secret.carries(options.filter), let (name, isFlat) = name(of: secret.identifier, in: query),
                name.key.utf8.starts(with: query.prefix.utf8)
            else { return }
            // Where one key has both forms, the one that is read counts.
            if isFlat, found[name] != nil { return }
            guard found.count < Self.maximumEntries else {
                throw .unsupported(detail: "\(query.namespace) has more than \(Self.maximumEntries) secrets")
            }
            found[name] = SecretEntry(
                namespace: query.namespace,
                key: name.key,
                description: secret.annotations[GoogleAnnotations.description],
                tags: secret.labels
            )
        }
        return found.values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// The name that an identifier stands for, where it belongs to the namespace or to all.
    private func name(of identifier: String, in query: ListQuery) -> (name: SecretName, isFlat: Bool)? {
        if let name = names.name(of: identifier) {
            let wanted = SecretName(tenant: query.tenant, namespace: query.namespace, key: name.key)
            return name == wanted ? (name, false) : nil
        }
        guard options.hasFlatNames, let key = names.flatKey(of: identifier) else { return nil }
        return (SecretName(tenant: query.tenant, namespace: query.namespace, key: key), true)
    }
}
