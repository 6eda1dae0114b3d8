#if PostgreSQL
    package import Databases

    /// A row of an answer. What it held is wiped with it.
    package struct PostgreSQLRow<Failure: DatabaseFailure>: DatabaseRow, ~Copyable {
        private let result: LibraryResult

        init(_ result: consuming LibraryResult) { self.result = result }

        package var columns: Int { result.columns }

        package borrowing func isNull(at column: Int) -> Bool { result.withBytes(of: column) { $0 == nil } }

        /// From `smallint`, `integer`, `bigint`.
        package borrowing func number(at column: Int) throws(Failure) -> Int64? {
            try expect([PostgreSQLType.int8, PostgreSQLType.int4, PostgreSQLType.int2], at: column, "a number")
            return try integer(at: column)
        }

        /// From `boolean`.
        package borrowing func flag(at column: Int) throws(Failure) -> Bool? {
            try expect([PostgreSQLType.bool], at: column, "a boolean")
            return try integer(at: column).map { $0 != 0 }
        }

        /// Milliseconds since 1970, from `timestamptz`.
        package borrowing func time(at column: Int) throws(Failure) -> Int64? {
            try expect([PostgreSQLType.timestamptz], at: column, "a time")
            // The server counts microseconds from the year 2000.
            return try integer(at: column).map { $0 / 1000 + 946_684_800_000 }
        }

        /// From `text`, `varchar`, `name`. Not for secrets: the text leaves the memory that is wiped.
        package borrowing func text(at column: Int) throws(Failure) -> String? {
            try expect([PostgreSQLType.text, PostgreSQLType.varchar, PostgreSQLType.name], at: column, "text")
            return try result.withBytes(of: column) { (bytes) throws(Failure) -> String? in
                guard let bytes else { return nil }
                guard let text = try? UTF8Span(validating: bytes) else { throw malformed(column, "text in UTF-8") }
                return String(copying: text)
            }
        }

        /// Lends the bytes of a `bytea` for the length of the call; they are wiped with the row.
        package borrowing func withBytes<Success: ~Copyable, Thrown: Error>(
            at column: Int,
            _ body: (Span<UInt8>?) throws(Thrown) -> Success
        ) throws(Thrown) -> Success {
            guard result.type(of: column) == PostgreSQLType.bytea else { return try body(nil) }
            return try result.withBytes(of: column, body)
        }

        private borrowing func integer(at column: Int) throws(Failure) -> Int64? {
            try result.withBytes(of: column) { (bytes) throws(Failure) -> Int64? in
                guard let bytes else { return nil }
                guard [1, 2, 4, 8].contains(bytes.count) else { throw malformed(column, "1, 2, 4 or 8 bytes") }
                // The first byte brings the sign.
                var number = bytes.count == 1 ? Int64(bytes[0]) : Int64(Int8(bitPattern: bytes[0]))
                for index in 1..<max(1, bytes.count) { number = number << 8 | Int64(bytes[index]) }
                return number
            }
        }

        private borrowing func expect(_ types: [UInt32], at column: Int, _ what: String) throws(Failure) {
            guard (0..<columns).contains(column), types.contains(result.type(of: column)) else {
                throw malformed(column, what)
            }
        }

        private borrowing func malformed(_ column: Int, _ what: String) -> Failure {
            Failure(DatabaseError(.malformed, "column \(column) of an answer is not \(what)"))
        }
    }
#endif
