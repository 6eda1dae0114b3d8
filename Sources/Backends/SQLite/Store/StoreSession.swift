internal import Cryptography
internal import SQLite
internal import SecretMemory
internal import Secrets

/// One connection to a store with its statements, confined to one thread.
final class StoreSession {
    /// What a session is for.
    enum Role {
        /// Makes and checks the file, and is the only one that writes.
        case writer
        case reader
    }

    let statements: StoreStatements
    let connection: StoreConnection
    let keyring: EnvelopeKeyring
    let floor: VersionFloor
    private let file: String

    init(
        _ role: Role,
        options: SQLiteOptions,
        keyring: EnvelopeKeyring,
        floor: VersionFloor,
        notices: BackendNotices
    ) throws(StoreFailure) {
        let create = role == .writer && options.mayChange
        let file: String
        do throws(SQLiteFile.Failure) {
            file = try SQLiteFile.prepare(options.path, create: create, setting: "sqlite.path")
        } catch { throw StoreFailure(error) }
        let connection = try StoreConnection(path: file, busyTimeout: options.busyMilliseconds)
        try Self.tune(connection, options)
        if role == .writer {
            try StoreSchema.prepare(connection, keyring: keyring, file: file, create: create)
            let isCurrent = try StoreSchema.openCanary(connection, keyring: keyring, file: file)
            if !isCurrent, create {
                try StoreResealing.run(on: connection, keyring: keyring, file: file, notices: notices)
            }
        }
        statements = try StoreStatements(connection)
        self.connection = connection
        self.keyring = keyring
        self.floor = floor
        self.file = file
    }

    /// Durable before it is acknowledged, little memory, nothing left in freed pages.
    private static func tune(
        _ connection: borrowing StoreConnection,
        _ options: SQLiteOptions
    ) throws(StoreFailure) {
        try connection.execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA secure_delete = ON;
            PRAGMA cell_size_check = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA mmap_size = 0;
            PRAGMA cache_size = -256;
            PRAGMA journal_size_limit = 4194304
            """
        )
        if !options.mayChange { try connection.execute("PRAGMA query_only = ON") }
        let pageBytes = max(512, Int(try connection.number("PRAGMA page_size")))
        try connection.set("max_page_count", to: max(1, options.maximumFileBytes / pageBytes))
    }

    // MARK: Reading

    /// The current value, or nil where there is none.
    func get(_ name: SecretName, version wanted: String?) throws(StoreFailure) -> FetchedSecret? {
        let known = floor.floor(of: name)
        defer { statements.get.reset() }
        try bindName(name)
        guard try statements.get.step() else {
            guard known == 0 else { throw .refused(rollback(name, found: nil, known: known)) }
            return nil
        }
        let version = statements.get.number(at: 0)
        guard version >= known else { throw .refused(rollback(name, found: version, known: known)) }
        floor.raise(name, to: version)
        if statements.get.isNull(at: 1) { return nil }
        guard wanted == nil || wanted == String(version) else {
            throw .refused(.unsupported(detail: "the store keeps the current version only, which is \(version)"))
        }
        let context = EnvelopeContext(name, version: version)
        let value: SecretBytes
        do throws(EnvelopeError) {
            value = try statements.get.withBytes(at: 1) { (envelope) throws(EnvelopeError) in
                try keyring.open(envelope, for: context)
            }
        } catch {
            throw .envelope(error, name: name)
        }
        return FetchedSecret(value: value, version: String(version))
    }

    /// Names and metadata in ascending byte order of the name.
    func list(_ query: ListQuery) throws(StoreFailure) -> ListPage {
        let limit = max(1, min(query.limit, Self.largestPage))
        defer { statements.list.reset() }
        try statements.list.bind(query.tenant, at: 1)
        try statements.list.bind(query.namespace, at: 2)
        try statements.list.bind(query.after, at: 3)
        try statements.list.bind(query.prefix, at: 4)
        try statements.list.bind(Int64(limit + 1), at: 5)
        var entries: [SecretEntry] = []
        while try statements.list.step() {
            let name = statements.list.text(at: 0)
            // All that begin with the prefix stand together, and the first is at the front.
            guard name.utf8.starts(with: query.prefix.utf8) else { break }
            if entries.count == limit { return ListPage(entries: entries, hasMore: true) }
            guard let tags = TagText.decode(statements.list.text(at: 2)) else {
                let place = "\(file): the tags of key \(name) in namespace \(query.namespace)"
                throw .refused(.malformed(detail: "\(place) are no JSON object of texts; write the secret again"))
            }
            entries.append(
                SecretEntry(
                    namespace: query.namespace,
                    key: name,
                    version: String(statements.list.number(at: 1)),
                    updatedAt: statements.list.number(at: 4),
                    description: statements.list.isNull(at: 3) ? nil : statements.list.text(at: 3),
                    tags: tags
                )
            )
        }
        return ListPage(entries: entries, hasMore: false)
    }

    /// Tenants and namespaces with at least one value, in ascending byte order.
    func namespaces(_ query: NamespaceQuery) throws(StoreFailure) -> NamespacePage {
        let limit = max(1, min(query.limit, Self.largestPage))
        defer { statements.namespaces.reset() }
        try statements.namespaces.bind(query.after?.tenant ?? "", at: 1)
        try statements.namespaces.bind(query.after?.namespace ?? "", at: 2)
        try statements.namespaces.bind(query.after == nil ? 0 : 1, at: 3)
        try statements.namespaces.bind(query.tenant ?? "", at: 4)
        try statements.namespaces.bind(query.tenant == nil ? 0 : 1, at: 5)
        try statements.namespaces.bind(Int64(limit + 1), at: 6)
        var found: [NamespaceName] = []
        while try statements.namespaces.step() {
            if found.count == limit { return NamespacePage(namespaces: found, hasMore: true) }
            found.append(
                NamespaceName(tenant: statements.namespaces.text(at: 0), namespace: statements.namespaces.text(at: 1))
            )
        }
        return NamespacePage(namespaces: found, hasMore: false)
    }

    /// Entries of the largest page, whatever the caller asks for.
    static let largestPage = 1000

    /// The version of a row, of a tombstone too; 0 where there is none.
    func currentVersion(_ name: SecretName) throws(StoreFailure) -> (version: Int64, isDeleted: Bool) {
        let known = floor.floor(of: name)
        defer { statements.get.reset() }
        try bindName(name)
        let found = try statements.get.step()
        let version = found ? statements.get.number(at: 0) : 0
        guard version >= known else {
            throw .refused(rollback(name, found: found ? version : nil, known: known))
        }
        return (version, !found || statements.get.isNull(at: 1))
    }

    private func bindName(_ name: SecretName) throws(StoreFailure) {
        try statements.get.bind(name.tenant, at: 1)
        try statements.get.bind(name.namespace, at: 2)
        try statements.get.bind(name.key, at: 3)
    }

    private func rollback(_ name: SecretName, found: Int64?, known: Int64) -> BackendError {
        SealedPlace(store: file, section: "sqlite").rollback(of: name, found: found, known: known)
    }
}
