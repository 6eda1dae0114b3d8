internal import SQLite

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

    init(_ role: Role, _ store: SealedStore, _ options: SQLiteOptions) throws(StoreFailure) {
        let create = role == .writer && options.mayChange
        let file: String
        do throws(SQLiteFile.Failure) {
            file = try SQLiteFile.prepare(options.path, create: create, setting: options.setting)
        } catch { throw StoreFailure(error) }
        let connection = try StoreConnection(path: file, busyTimeout: options.busyMilliseconds)
        try Self.tune(connection, options)
        if role == .writer {
            try StoreSchema.prepare(connection, place: store.place, setting: options.setting, create: create) {
                () throws(StoreFailure) in try store.sealedCanary()
            }
        }
        statements = try StoreStatements(connection)
        self.connection = connection
        if role == .writer { try openSecret(of: store, create: create) }
    }

    /// Seals again what stands under previous secrets, whoever wrote it.
    private func openSecret(of store: SealedStore, create: Bool) throws(StoreFailure) {
        let isUnderPrevious = try store.openCanary(in: self, whereMissing: .refuse, .embedded)
        guard create else { return }
        var progress = Resealing(store.keyring)
        while !progress.isDone {
            try connection.transaction { () throws(StoreFailure) in
                progress = try store.reseal(progress, in: self, .embedded)
            }
        }
        guard isUnderPrevious || progress.tally.resealed > 0 else { return }
        try store.renewCanary(in: self, .embedded)
        let done = "\(store.place.store): \(progress.tally.resealed) values are sealed under the new secret"
        store.notices(
            progress.tally.left == 0
                ? "\(done); \(store.place.section).previous-secrets is not needed any more"
                : "\(done), \(progress.tally.left) could not be opened"
        )
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
}
