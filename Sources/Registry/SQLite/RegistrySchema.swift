internal import SQLite
internal import SecretMemory

/// The table of a registry file, and how a file is recognised as one of ours.
enum RegistrySchema {
    /// "TACR": what `file` and other programs know it by.
    static let applicationID = 0x5441_4352
    /// Grows when the table changes.
    static let version = 1

    static func prepare(
        _ connection: borrowing SQLiteRegistry.Session.Connection,
        _ file: String
    ) throws(SQLiteRegistryFailure) {
        if try isEmpty(connection) {
            try connection.execute("PRAGMA journal_mode = WAL")
            try make(connection)
        }
        guard try connection.number("PRAGMA application_id") == applicationID else {
            throw .refused("\(file) is an SQLite database of another program; correct tacit.registry.path")
        }
        let found = try connection.number("PRAGMA user_version")
        guard found == version else {
            throw .refused("\(file) has schema version \(found), this agent knows \(version); use a newer agent")
        }
    }

    private static func isEmpty(
        _ connection: borrowing SQLiteRegistry.Session.Connection
    ) throws(SQLiteRegistryFailure) -> Bool {
        guard try connection.number("SELECT count(*) FROM sqlite_schema") == 0 else { return false }
        return try connection.number("PRAGMA application_id") == 0
    }

    private static func make(_ connection: borrowing SQLiteRegistry.Session.Connection) throws(SQLiteRegistryFailure) {
        try connection.execute("BEGIN IMMEDIATE")
        // Another process may have been faster.
        guard try isEmpty(connection) else { return try connection.execute("ROLLBACK") }
        try connection.execute(
            """
            CREATE TABLE service_instance (
              id TEXT PRIMARY KEY, type TEXT NOT NULL, state TEXT NOT NULL, sequence INTEGER NOT NULL,
              node TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, data TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """
        )
        try connection.execute("CREATE INDEX service_instance_state ON service_instance (state, updated_at)")
        try connection.set("application_id", to: applicationID)
        try connection.set("user_version", to: version)
        try connection.execute("COMMIT")
    }
}
