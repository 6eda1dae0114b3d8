internal import Glibc
internal import SQLite
internal import Secrets

/// Sealed values in a file.
extension StoreSession: SealedTable {
    func row(of name: SecretName, _: TableCall) throws(StoreFailure) -> StoredRow? {
        defer { statements.get.reset() }
        try statements.get.bind(name, from: 1)
        guard try statements.get.step() else { return nil }
        return StoredRow(
            version: statements.get.number(at: 0),
            envelope: statements.get.isNull(at: 1) ? nil : statements.get.bytes(at: 1),
            tags: statements.get.text(at: 2)
        )
    }

    func entries(_ query: ListQuery, _: TableCall) throws(StoreFailure) -> [StoredEntry] {
        defer { statements.list.reset() }
        try statements.list.bind(query.tenant, at: 1)
        try statements.list.bind(query.namespace, at: 2)
        try statements.list.bind(query.after, at: 3)
        try statements.list.bind(query.prefix, at: 4)
        try statements.list.bind(Int64(query.limit), at: 5)
        var entries: [StoredEntry] = []
        while try statements.list.step() {
            entries.append(
                StoredEntry(
                    key: statements.list.text(at: 0),
                    version: statements.list.number(at: 1),
                    tags: statements.list.text(at: 2),
                    description: statements.list.isNull(at: 3) ? nil : statements.list.text(at: 3),
                    updatedAt: statements.list.number(at: 4)
                )
            )
        }
        return entries
    }

    func namespaces(_ query: NamespaceQuery, _: TableCall) throws(StoreFailure) -> [NamespaceName] {
        defer { statements.namespaces.reset() }
        try statements.namespaces.bind(query.after?.tenant ?? "", at: 1)
        try statements.namespaces.bind(query.after?.namespace ?? "", at: 2)
        try statements.namespaces.bind(query.after == nil ? 0 : 1, at: 3)
        try statements.namespaces.bind(query.tenant ?? "", at: 4)
        try statements.namespaces.bind(query.tenant == nil ? 0 : 1, at: 5)
        try statements.namespaces.bind(Int64(query.limit), at: 6)
        var found: [NamespaceName] = []
        while try statements.namespaces.step() {
            found.append(
                NamespaceName(tenant: statements.namespaces.text(at: 0), namespace: statements.namespaces.text(at: 1))
            )
        }
        return found
    }

    // MARK: Writing

    func insert(_ content: StoredContent, _: TableCall) throws(StoreFailure) -> Bool {
        defer { statements.insert.reset() }
        try statements.insert.bind(content, from: 1)
        try statements.insert.bind(Self.now(), at: 8)
        _ = try statements.insert.step()
        return connection.changedRows() == 1
    }

    func update(_ content: StoredContent, from version: Int64, _: TableCall) throws(StoreFailure) -> Bool {
        defer { statements.update.reset() }
        try statements.update.bind(content, from: 1)
        try statements.update.bind(Self.now(), at: 8)
        try statements.update.bind(version, at: 9)
        _ = try statements.update.step()
        return connection.changedRows() == 1
    }

    func bury(_ name: SecretName, at version: Int64, _: TableCall) throws(StoreFailure) -> Bool {
        defer { statements.delete.reset() }
        try statements.delete.bind(name, from: 1)
        try statements.delete.bind(version, at: 4)
        try statements.delete.bind(Self.now(), at: 5)
        _ = try statements.delete.step()
        return connection.changedRows() == 1
    }

    // MARK: The secret

    func values(
        under identifier: [UInt8],
        after name: SecretName,
        limit: Int,
        _: TableCall
    ) throws(StoreFailure) -> [StoredSecret] {
        let select = try connection.prepare(
            """
            SELECT tenant, namespace, name, version, envelope FROM secret
             WHERE key_id = ?4 AND (tenant, namespace, name) > (?1, ?2, ?3)
             ORDER BY tenant, namespace, name LIMIT ?5
            """
        )
        try select.bind(name, from: 1)
        try select.bind(identifier, at: 4)
        try select.bind(Int64(limit), at: 5)
        var values: [StoredSecret] = []
        while try select.step() {
            let name = SecretName(tenant: select.text(at: 0), namespace: select.text(at: 1), key: select.text(at: 2))
            values.append(StoredSecret(name: name, version: select.number(at: 3), envelope: select.bytes(at: 4)))
        }
        return values
    }

    func reseal(
        _ secret: StoredSecret,
        as envelope: [UInt8],
        _ identifier: [UInt8],
        _: TableCall
    ) throws(StoreFailure) -> Bool {
        let update = try connection.prepare(
            """
            UPDATE secret SET key_id = ?5, envelope = ?6
             WHERE tenant = ?1 AND namespace = ?2 AND name = ?3 AND version = ?4 AND envelope = ?7
            """
        )
        try update.bind(secret.name, from: 1)
        try update.bind(secret.version, at: 4)
        try update.bind(identifier, at: 5)
        try update.bind(envelope, at: 6)
        try update.bind(secret.envelope, at: 7)
        _ = try update.step()
        return connection.changedRows() == 1
    }

    func canary(_: TableCall) throws(StoreFailure) -> [UInt8]? { try StoreSchema.canary(connection) }

    func setCanary(_ envelope: [UInt8], replacing old: [UInt8]?, _: TableCall) throws(StoreFailure) {
        try StoreSchema.setCanary(envelope, connection)
    }

    /// Milliseconds since 1970.
    private static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension SQLiteStatement where Failure == StoreFailure {
    borrowing func bind(_ name: SecretName, from place: CInt) throws(StoreFailure) {
        try bind(name.tenant, at: place)
        try bind(name.namespace, at: place + 1)
        try bind(name.key, at: place + 2)
    }

    borrowing func bind(_ content: StoredContent, from place: CInt) throws(StoreFailure) {
        try bind(content.name, from: place)
        try bind(content.identifier, at: place + 3)
        try bind(content.envelope, at: place + 4)
        try bind(content.tags, at: place + 5)
        try bind(content.description, at: place + 6)
    }

    /// A copy of bytes that are no secret.
    borrowing func bytes(at column: CInt) -> [UInt8] { withBytes(at: column) { [UInt8](copying: $0) } }
}
