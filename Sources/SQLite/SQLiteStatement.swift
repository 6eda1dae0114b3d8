internal import CSQLite
internal import Glibc

/// A compiled statement, finalized exactly once. Belongs to its connection's thread.
///
/// Its text is a literal of the program, so values can only come in as parameters.
@safe
package struct SQLiteStatement<Failure: SQLiteFailure>: ~Copyable {
    /// `sqlite3_stmt *`
    private let raw: OpaquePointer

    /// - Safety: `raw` must be a fresh statement that nobody else finalizes.
    @unsafe
    init(adopting raw: OpaquePointer) { unsafe self.raw = raw }

    // MARK: Parameters, counted from 1

    package borrowing func bind(_ text: String, at index: CInt) throws(Failure) {
        var text = text
        let code = text.withUTF8 { utf8 in
            unsafe utf8.withMemoryRebound(to: CChar.self) { buffer in
                // An empty text still needs an address, or it would be bound as NULL.
                guard let start = buffer.baseAddress else { return unsafe shim_sqlite3_bind_text(raw, index, "", 0) }
                return unsafe shim_sqlite3_bind_text(raw, index, start, UInt64(buffer.count))
            }
        }
        try check(code, "bind")
    }

    package borrowing func bind(_ text: String?, at index: CInt) throws(Failure) {
        if let text { try bind(text, at: index) } else { try check(unsafe sqlite3_bind_null(raw, index), "bind") }
    }

    package borrowing func bind(_ number: Int64, at index: CInt) throws(Failure) {
        try check(unsafe sqlite3_bind_int64(raw, index, number), "bind")
    }

    package borrowing func bind(_ bytes: [UInt8], at index: CInt) throws(Failure) {
        let code = unsafe bytes.withUnsafeBytes { buffer in
            unsafe shim_sqlite3_bind_blob(raw, index, buffer.baseAddress, UInt64(buffer.count))
        }
        try check(code, "bind")
    }

    // MARK: Running

    /// Runs to the next row.
    ///
    /// - Returns: false at the end.
    package borrowing func step() throws(Failure) -> Bool {
        errno = 0
        let code = unsafe sqlite3_step(raw)
        let system = errno
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            defer { reset() }
            throw failure(code, "step", system)
        }
    }

    /// Makes the statement ready for the next use and lets go of its parameters.
    package borrowing func reset() {
        unsafe sqlite3_reset(raw)
        unsafe sqlite3_clear_bindings(raw)
    }

    // MARK: Columns of the current row, counted from 0

    package borrowing func number(at column: CInt) -> Int64 { unsafe sqlite3_column_int64(raw, column) }

    package borrowing func isNull(at column: CInt) -> Bool { unsafe sqlite3_column_type(raw, column) == SQLITE_NULL }

    package borrowing func text(at column: CInt) -> String {
        guard let start = unsafe sqlite3_column_text(raw, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(raw, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// Lends the bytes of a column for the length of the call.
    package borrowing func withBytes<Result: ~Copyable, Thrown: Error>(
        at column: CInt,
        _ body: (Span<UInt8>) throws(Thrown) -> Result
    ) throws(Thrown) -> Result {
        let start = unsafe sqlite3_column_blob(raw, column)
        let count = unsafe start == nil ? 0 : Int(sqlite3_column_bytes(raw, column))
        let buffer = unsafe UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: count)
        return try body(unsafe Span(_unsafeElements: buffer))
    }

    private borrowing func check(_ code: CInt, _ operation: String) throws(Failure) {
        guard code == SQLITE_OK else { throw failure(code, operation) }
    }

    private borrowing func failure(
        _ code: CInt,
        _ operation: String,
        _ seen: CInt = 0
    ) -> Failure {
        let kept = unsafe sqlite3_system_errno(sqlite3_db_handle(raw))
        return Failure(SQLiteError(code: code, kept: kept, seen: seen, operation: operation))
    }

    deinit { unsafe sqlite3_finalize(raw) }
}
