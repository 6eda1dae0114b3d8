internal import SQLite
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

    /// Makes the tables in an empty file, and otherwise makes sure that the file is a sound store.
    ///
    /// - Parameter canary: seals the one of a new store.
    static func prepare(
        _ connection: borrowing StoreConnection,
        place: SealedPlace,
        setting: StaticString,
        create: Bool,
        canary: () throws(StoreFailure) -> [UInt8]
    ) throws(StoreFailure) {
        let file = place.store
        // A stranger's database is left as it was found: nothing is written before it is known to be ours.
        if try isEmpty(connection) {
            guard create else {
                throw .refused(.malformed(detail: "\(file) is empty and the store is read-only; restore a backup"))
            }
            try connection.execute("PRAGMA journal_mode = WAL")
            try make(connection, canary)
        }
        try recognise(connection, file, setting)
        try connection.execute("PRAGMA journal_mode = WAL")
        try check(connection, file)
    }

    private static func isEmpty(_ connection: borrowing StoreConnection) throws(StoreFailure) -> Bool {
        guard try connection.number("SELECT count(*) FROM sqlite_schema") == 0 else { return false }
        return try connection.number("PRAGMA application_id") == 0
    }

    private static func make(
        _ connection: borrowing StoreConnection,
        _ canary: () throws(StoreFailure) -> [UInt8]
    ) throws(StoreFailure) {
        let envelope = try canary()
        try connection.execute("BEGIN IMMEDIATE")
        // Another process may have been faster.
        guard try isEmpty(connection) else { return try connection.execute("ROLLBACK") }
        try connection.execute(secretTable)
        try connection.execute(canaryTable)
        try setCanary(envelope, connection)
        try connection.set("application_id", to: applicationID)
        try connection.set("user_version", to: version)
        try connection.execute("COMMIT")
    }

    private static func recognise(
        _ connection: borrowing StoreConnection,
        _ file: String,
        _ setting: StaticString
    ) throws(StoreFailure) {
        guard try connection.number("PRAGMA application_id") == applicationID else {
            throw .refused(
                .malformed(detail: "\(file) is an SQLite database of another program; correct \(setting)")
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

    static func canary(_ connection: borrowing StoreConnection) throws(StoreFailure) -> [UInt8]? {
        let statement = try connection.prepare("SELECT envelope FROM canary WHERE id = 1")
        return try statement.step() ? statement.bytes(at: 0) : nil
    }

    static func setCanary(_ envelope: [UInt8], _ connection: borrowing StoreConnection) throws(StoreFailure) {
        let statement = try connection.prepare("INSERT OR REPLACE INTO canary (id, envelope) VALUES (1, ?1)")
        try statement.bind(envelope, at: 1)
        _ = try statement.step()
    }
}
