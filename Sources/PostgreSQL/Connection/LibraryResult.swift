#if PostgreSQL
    internal import Databases
    internal import CPostgreSQL
    internal import Glibc

    /// A part of an answer: a row, or the end with what it came to. What it held is wiped with it.
    ///
    /// Sound because the pointer is private and what it lends is checked against the library's own counts.
    @safe
    struct LibraryResult: ~Copyable {
        /// `PGresult *`
        private let raw: OpaquePointer

        /// - Safety: `raw` must be a result that nobody else clears.
        @unsafe
        init(adopting raw: OpaquePointer) { unsafe self.raw = raw }

        var rows: Int { unsafe Int(PQntuples(raw)) }
        var columns: Int { unsafe Int(PQnfields(raw)) }

        /// The rows that a statement changed or found; 0 where it counts none.
        var affected: Int { unsafe Int(String(cString: PQcmdTuples(raw))) ?? 0 }

        /// What was done, in the server's words, such as COMMIT.
        var tag: String { unsafe String(cString: PQcmdStatus(raw)) }

        /// What the server refused; nil where it did not.
        var error: DatabaseError? {
            switch unsafe PQresultStatus(raw) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: return nil
            case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE: break
            default: return DatabaseError(.malformed, "the statement is of a kind that is not used here")
            }
            guard let state = unsafe Self.text(shim_PQerror_code(raw)) else {
                return DatabaseError(.lost, "the connection to the database was lost")
            }
            let message = unsafe ServerMessage.text(
                state: state,
                primary: Self.text(shim_PQerror_primary(raw)) ?? "",
                table: Self.text(shim_PQerror_table(raw)),
                constraint: Self.text(shim_PQerror_constraint(raw))
            )
            return DatabaseError(DatabaseError.Kind(state: state), message, state: ServerText.printable(state))
        }

        /// The number of a column's type.
        borrowing func type(of column: Int) -> UInt32 { unsafe PQftype(raw, CInt(column)) }

        /// Lends a column of the first row; nil for NULL, and for a column that is not there.
        borrowing func withBytes<Success: ~Copyable, Failure: Error>(
            of column: Int,
            _ body: (Span<UInt8>?) throws(Failure) -> Success
        ) throws(Failure) -> Success {
            guard rows > 0, (0..<columns).contains(column), unsafe PQgetisnull(raw, 0, CInt(column)) == 0,
                let start = unsafe PQgetvalue(raw, 0, CInt(column))
            else { return try body(nil) }
            let count = unsafe Int(PQgetlength(raw, 0, CInt(column)))
            let bytes = unsafe UnsafeBufferPointer(
                start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self),
                count: count
            )
            return try body(unsafe Span(_unsafeElements: bytes))
        }

        private static func text(_ start: UnsafePointer<CChar>?) -> String? {
            guard let start = unsafe start else { return nil }
            return unsafe String(cString: start)
        }

        deinit {
            for row in 0..<(unsafe PQntuples(raw)) {
                for column in 0..<(unsafe PQnfields(raw)) {
                    guard let start = unsafe PQgetvalue(raw, row, column) else { continue }
                    unsafe explicit_bzero(start, Int(PQgetlength(raw, row, column)))
                }
            }
            unsafe PQclear(raw)
        }
    }
#endif
