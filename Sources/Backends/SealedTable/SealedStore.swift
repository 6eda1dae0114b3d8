internal import Cryptography
internal import SecretMemory
internal import Secrets

/// A store of sealed values in a table, whatever database the table is in: what one thread does with one connection.
///
/// The version is sealed into the envelope, and what deletions leave has a version, too: a row that is altered, moved, cut off
/// or put back from an older copy is refused.
struct SealedStore: Sendable {
    let keyring: EnvelopeKeyring
    let place: SealedPlace
    /// For everything that is written.
    var defaultTags: [String: String] = [:]
    /// Tags that a secret must have to be seen; empty for all.
    var filter: [String: String] = [:]
    let notices: BackendNotices
    let floor = VersionFloor()
    let unopened = UnopenedNames()

    /// Entries of the largest page, whatever the caller asks for.
    static let largestPage = 1000

    // MARK: Reading

    /// The current value, or nil where there is none.
    func get(
        _ name: SecretName,
        version wanted: String?,
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) -> FetchedSecret? {
        guard let row = try row(of: name, in: table, call) else { return nil }
        guard let envelope = row.envelope, try isShown(name, row.tags) else { return nil }
        guard wanted == nil || wanted == String(row.version) else {
            throw .refused(.unsupported(detail: "the store keeps the current version only, which is \(row.version)"))
        }
        do throws(EnvelopeError) {
            let value = try keyring.open(envelope.span, for: EnvelopeContext(name, version: row.version))
            return FetchedSecret(value: value, version: String(row.version))
        } catch {
            throw .envelope(error, name: name)
        }
    }

    /// Names and metadata in ascending byte order of the name.
    func list(
        _ query: ListQuery,
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) -> ListPage {
        let limit = max(1, min(query.limit, Self.largestPage))
        var (entries, after) = ([SecretEntry](), query.after)
        while true {
            let next = ListQuery(
                tenant: query.tenant,
                namespace: query.namespace,
                prefix: query.prefix,
                after: after,
                limit: limit + 1
            )
            let rows = try table.entries(next, call)
            for row in rows {
                after = row.key
                // All that begin with the prefix stand together, and the first is at the front.
                guard row.key.utf8.starts(with: query.prefix.utf8) else {
                    return ListPage(entries: entries, hasMore: false)
                }
                let tags = try tags(row.tags, of: SecretName(query, key: row.key))
                guard hasFilteredTags(tags) else { continue }
                if entries.count == limit { return ListPage(entries: entries, hasMore: true) }
                entries.append(
                    SecretEntry(
                        namespace: query.namespace,
                        key: row.key,
                        version: String(row.version),
                        updatedAt: row.updatedAt,
                        description: row.description,
                        tags: tags
                    )
                )
            }
            if rows.count <= limit { return ListPage(entries: entries, hasMore: false) }
        }
    }

    /// Tenants and namespaces in ascending byte order, whatever labels their secrets have.
    func namespaces(
        _ query: NamespaceQuery,
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) -> NamespacePage {
        let limit = max(1, min(query.limit, Self.largestPage))
        let next = NamespaceQuery(tenant: query.tenant, after: query.after, limit: limit + 1)
        let found = try table.namespaces(next, call)
        return NamespacePage(namespaces: Array(found.prefix(limit)), hasMore: found.count > limit)
    }

    /// A row, a tombstone too, that is not older than one that was seen before.
    func row(
        of name: SecretName,
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) -> StoredRow? {
        let known = floor.floor(of: name)
        let row = try table.row(of: name, call)
        guard row?.version ?? 0 >= known else {
            throw .refused(place.rollback(of: name, found: row?.version, known: known))
        }
        if let row { floor.raise(name, to: row.version) }
        return row
    }

    // MARK: Tags

    private func isShown(_ name: SecretName, _ text: String) throws(StoreFailure) -> Bool {
        // Tags that make no sense do not keep a value back that nobody filters.
        filter.isEmpty ? true : hasFilteredTags(try tags(text, of: name))
    }

    private func hasFilteredTags(_ tags: [String: String]) -> Bool {
        filter.allSatisfy { name, value in tags[name].map { $0.utf8.elementsEqual(value.utf8) } ?? false }
    }

    private func tags(_ text: String, of name: SecretName) throws(StoreFailure) -> [String: String] {
        guard let tags = TagText.decode(text) else { throw .refused(place.strangeTags(of: name)) }
        return tags
    }
}

extension SecretName {
    fileprivate init(_ query: ListQuery, key: String) {
        self.init(tenant: query.tenant, namespace: query.namespace, key: key)
    }
}
