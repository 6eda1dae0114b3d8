internal import CSQLite
internal import SecretMemory

/// Places all that SQLite allocates in the arena.
package enum SQLiteMemory {
    private static let outcome: CInt = {
        var methods = unsafe sqlite3_mem_methods(
            xMalloc: AllocatorHooks.sqliteAllocate,
            xFree: AllocatorHooks.sqliteFree,
            xRealloc: AllocatorHooks.sqliteReallocate,
            xSize: AllocatorHooks.sqliteSize,
            xRoundup: AllocatorHooks.sqliteRoundUp,
            xInit: { _ in SQLITE_OK },
            xShutdown: { _ in },
            pAppData: nil
        )
        let configured = unsafe shim_sqlite3_config_malloc(&methods)
        return configured == SQLITE_OK ? sqlite3_initialize() : configured
    }()

    /// Sets the hooks and starts the library. Only the first call does anything; opening a connection also calls it.
    ///
    /// - Throws: where the library had been started before, and so allocates on the ordinary heap.
    package static func install() throws(SQLiteError) {
        guard outcome == SQLITE_OK else {
            throw SQLiteError(code: outcome, systemError: 0, operation: "place its memory in locked memory")
        }
    }
}
