internal import Cryptography
internal import SQLite
internal import SecretMemory
internal import Secrets

/// The tables of a store file, how they are made, and how a file is recognised as one of ours.
enum StoreSchema {
    /// "TACT": what `file` and other programs know the store by.
    static let applicationID = 0x5441_4354
    /// Grows when the tables change.
    static let version = 1

    private static let secretTable: StaticString = """
        CREATE TABLE secret (
          tenant TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
          version INTEGER NOT NULL CHECK (version > 0),
          key_id BLOB CHECK (key_id IS NULL OR length(key_id) = 8),
          envelope BLOB CHECK (envelope IS NULL OR length(envelope) BETWEEN 105 AND 1048681),
          tags TEXT NOT NULL DEFAULT '{}', description TEXT,
          created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER,
          PRIMARY KEY (tenant, namespace, name),
          CHECK ((deleted_at IS NULL) = (envelope IS NOT NULL)),
          CHECK ((envelope IS NULL) = (key_id IS NULL))
        ) STRICT, WITHOUT ROWID
        """

    /// One sealed text that says at once whether the configured secret is the right one.
    private static let canaryTable: StaticString = """
        CREATE TABLE canary (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          envelope BLOB NOT NULL
        ) STRICT
        """

    private static let canaryText = Array("the secret of this store is right".utf8)
    /// No secret has version 0, so no secret's row can stand in for the canary.
    private static let canaryContext = EnvelopeContext(tenant: "", namespace: "", key: "", version: 0)

    /// Makes the tables in an empty file, and otherwise makes sure that the file is a sound store.
    static func prepare(
        _ connection: borrowing StoreConnection,
        keyring: EnvelopeKeyring,
        file: String,
        create: Bool
    ) throws(StoreFailure) {
        // A stranger's database is left as it was found: nothing is written before it is known to be ours.
        if try isEmpty(connection) {
            guard create else {
                throw .refused(.malformed(detail: "\(file) is empty and the store is read-only; restore a backup"))
            }
            try connection.execute("PRAGMA journal_mode = WAL")
            try make(connection, keyring)
        }
        try recognise(connection, file)
        try connection.execute("PRAGMA journal_mode = WAL")
        try check(connection, file)
    }

    private static func isEmpty(_ connection: borrowing StoreConnection) throws(StoreFailure) -> Bool {
        guard try connection.number("SELECT count(*) FROM sqlite_schema") == 0 else { return false }
        return try connection.number("PRAGMA application_id") == 0
    }

    private static func make(
        _ connection: borrowing StoreConnection,
        _ keyring: EnvelopeKeyring
    ) throws(StoreFailure) {
        try connection.execute("BEGIN IMMEDIATE")
        // Another process may have been faster.
        guard try isEmpty(connection) else { return try connection.execute("ROLLBACK") }
        try connection.execute(secretTable)
        try connection.execute(canaryTable)
        try writeCanary(connection, keyring)
        try connection.set("application_id", to: applicationID)
        try connection.set("user_version", to: version)
        try connection.execute("COMMIT")
    }

    private static func recognise(
        _ connection: borrowing StoreConnection,
        _ file: String
    ) throws(StoreFailure) {
        guard try connection.number("PRAGMA application_id") == applicationID else {
            throw .refused(
                .malformed(detail: "\(file) is an SQLite database of another program; correct sqlite.path")
            )
        }
        let found = try connection.number("PRAGMA user_version")
        guard found == version else {
            throw .refused(
                .malformed(
                    detail: "\(file) has schema version \(found), this agent knows \(version); use a newer agent"
                )
            )
        }
    }

    private static func check(_ connection: borrowing StoreConnection, _ file: String) throws(StoreFailure) {
        let damaged = BackendError.malformed(
            detail: "\(file) is damaged; stop the agent and restore the file from a backup"
        )
        let quick = try connection.prepare("PRAGMA quick_check(1)")
        guard try quick.step(), quick.text(at: 0) == "ok" else { throw .refused(damaged) }
        let schema = try connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")
        var found: [String: String] = [:]
        while try schema.step(), found.count < 8 { found[schema.text(at: 0)] = schema.text(at: 1) }
        guard found == ["secret": "\(secretTable)", "canary": "\(canaryTable)"] else {
            throw .refused(
                .malformed(detail: "\(file) has tables that were changed by another program; restore a backup")
            )
        }
    }

    // MARK: The canary

    /// Makes sure that one of the configured secrets is the store's.
    ///
    /// - Returns: whether it is the current one. If not, the store is to be sealed again.
    static func openCanary(
        _ connection: borrowing StoreConnection,
        keyring: EnvelopeKeyring,
        file: String
    ) throws(StoreFailure) -> Bool {
        let statement = try connection.prepare("SELECT envelope FROM canary WHERE id = 1")
        guard try statement.step() else {
            throw .refused(.malformed(detail: "\(file) has lost its key check; restore the file from a backup"))
        }
        do throws(EnvelopeError) {
            return try statement.withBytes(at: 0) { (envelope) throws(EnvelopeError) in
                let text = try keyring.open(envelope, for: canaryContext, account: .store)
                guard text.count == canaryText.count else { throw .tampered }
                return try keyring.isCurrent(envelope)
            }
        } catch {
            throw .refused(explain(error, file))
        }
    }

    static func writeCanary(
        _ connection: borrowing StoreConnection,
        _ keyring: EnvelopeKeyring
    ) throws(StoreFailure) {
        let text = canaryText
        let envelope: [UInt8]
        do throws(EnvelopeError) {
            envelope = try keyring.seal(text.span, for: canaryContext)
        } catch {
            throw .envelope(error, name: SecretName(tenant: "", namespace: "", key: ""))
        }
        let statement = try connection.prepare("INSERT OR REPLACE INTO canary (id, envelope) VALUES (1, ?1)")
        try statement.bind(envelope, at: 1)
        _ = try statement.step()
    }

    private static func explain(_ error: EnvelopeError, _ file: String) -> BackendError {
        switch error {
        case .unknownKey(let identifier):
            .denied(
                detail: """
                    sqlite.secret is not the secret that \(file) was sealed with (identifier \(identifier)); \
                    configure that one, or add it to sqlite.previous-secrets
                    """
            )
        case .memory(let error): .memory(error)
        case .library(let error): .unavailable(detail: "\(error)")
        case .malformed, .keyMismatch, .tampered, .tooLarge:
            .malformed(
                detail: "the key check of \(file) was changed outside the agent; restore the file from a backup"
            )
        }
    }
}
