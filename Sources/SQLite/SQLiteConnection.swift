internal import CSQLite
internal import Glibc

/// An open database file, closed exactly once. Belongs to one thread.
@safe
package struct SQLiteConnection<Failure: SQLiteFailure>: ~Copyable {
    /// `sqlite3 *`
    private let raw: OpaquePointer

    private init(adopting raw: OpaquePointer) { unsafe self.raw = raw }

    /// Opens a file that exists. No part of `path` may be a symbolic link.
    ///
    /// - Parameter busyTimeout: milliseconds to wait for another process's lock.
    package init(path: String, busyTimeout: CInt) throws(Failure) {
        do throws(SQLiteError) { try SQLiteMemory.install() } catch { throw Failure(error) }
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard let raw = unsafe opened else {
            throw Failure(SQLiteError(code: code, systemError: 0, operation: "open"))
        }
        let connection = unsafe SQLiteConnection(adopting: raw)
        guard code == SQLITE_OK else { throw connection.failure(code, "open") }
        unsafe sqlite3_busy_timeout(raw, busyTimeout)
        try connection.defend()
        self = connection
    }

    /// A file may come from a stranger: it must not run code, and no row may be larger than one of ours.
    private borrowing func defend() throws(Failure) {
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, CInt(1)),
            (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
            (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
            (SQLITE_DBCONFIG_ENABLE_VIEW, 0),
            (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ] {
            let code = unsafe shim_sqlite3_db_config_int(raw, option, value, nil)
            guard code == SQLITE_OK else { throw failure(code, "configure") }
        }
        unsafe sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, 2 << 20)
        unsafe sqlite3_limit(raw, SQLITE_LIMIT_ATTACHED, 0)
    }

    /// Runs statements that return nothing of interest.
    package borrowing func execute(_ sql: StaticString) throws(Failure) {
        errno = 0
        let code = unsafe sqlite3_exec(raw, Self.text(sql), nil, nil, nil)
        let system = errno
        guard code == SQLITE_OK else { throw failure(code, "execute", system) }
    }

    /// Sets a pragma to a number. Pragmas take no parameters.
    package borrowing func set(_ pragma: StaticString, to value: Int) throws(Failure) {
        let code = unsafe sqlite3_exec(raw, "PRAGMA \(pragma) = \(value)", nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, "set a pragma") }
    }

    /// Compiles a statement that will be used again and again.
    package borrowing func prepare(_ sql: StaticString) throws(Failure) -> SQLiteStatement<Failure> {
        var prepared: OpaquePointer?
        let text = unsafe Self.text(sql)
        let count = CInt(sql.utf8CodeUnitCount + 1)
        let code = unsafe sqlite3_prepare_v3(raw, text, count, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let statement = unsafe prepared else { throw failure(code, "prepare") }
        return unsafe SQLiteStatement(adopting: statement)
    }

    /// The first column of the first row, as a number; 0 where there is no row.
    package borrowing func number(_ sql: StaticString) throws(Failure) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.number(at: 0) : 0
    }

    /// Rows that the last statement changed.
    package borrowing func changedRows() -> Int { unsafe Int(sqlite3_changes64(raw)) }

    /// Runs `body` in a transaction that holds the write lock from the start, and undoes it where `body` throws.
    package borrowing func transaction(_ body: () throws(Failure) -> Void) throws(Failure) {
        try execute("BEGIN IMMEDIATE")
        do throws(Failure) {
            try body()
            try execute("COMMIT")
        } catch {
            // The library may have rolled back by itself already, and then this fails without harm.
            unsafe sqlite3_exec(raw, "ROLLBACK", nil, nil, nil)
            throw error
        }
    }

    private borrowing func failure(_ code: CInt, _ operation: String, _ seen: CInt = 0) -> Failure {
        let kept = unsafe sqlite3_system_errno(raw)
        return Failure(SQLiteError(code: code, kept: kept, seen: seen, operation: operation))
    }

    private static func text(_ literal: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Statements that still live keep the file open until they are finalized.
    deinit { unsafe sqlite3_close_v2(raw) }
}
