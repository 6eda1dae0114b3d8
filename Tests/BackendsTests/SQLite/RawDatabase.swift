import CSQLite
import SQLite
import Testing

/// The file as any other program sees it.
@safe
final class RawDatabase {
    private let raw: OpaquePointer

    init(_ path: String) throws {
        try SQLiteMemory.install()
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        try #require(code == SQLITE_OK)
        let raw = try unsafe #require(opened)
        unsafe self.raw = raw
    }

    func execute(_ sql: String) throws {
        let code = unsafe sqlite3_exec(raw, sql, nil, nil, nil)
        try #require(code == SQLITE_OK, "code \(code)")
    }

    func number(_ sql: String) throws -> Int {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v2(raw, sql, -1, &statement, nil)
        try #require(code == SQLITE_OK, "code \(code)")
        defer { unsafe sqlite3_finalize(statement) }
        try #require(unsafe sqlite3_step(statement) == SQLITE_ROW)
        return unsafe Int(sqlite3_column_int64(statement, 0))
    }

    deinit { unsafe sqlite3_close_v2(raw) }
}
