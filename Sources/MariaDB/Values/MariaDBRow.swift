#if MariaDB
    package import Databases
    internal import SecretMemory

    /// A row of an answer, which the statement holds until it is told to read the next one.
    package struct MariaDBRow<Failure: DatabaseFailure>: DatabaseRow, ~Copyable {
        private let statement: LibraryStatement

        init(_ statement: LibraryStatement) { self.statement = statement }

        package var columns: Int { statement.columns.count }

        package borrowing func isNull(at column: Int) -> Bool { statement.isNull(column) }

        /// From whole numbers of all widths.
        package borrowing func number(at column: Int) throws(Failure) -> Int64? {
            guard statement.columns.indices.contains(column), case .number(let isUnsigned) = statement.columns[column]
            else { throw malformed(column, "a number") }
            if statement.isNull(column) { return nil }
            let number = statement.number(column)
            guard !isUnsigned || number >= 0 else { throw malformed(column, "a number below 2^63") }
            return number
        }

        /// From a whole number, which the statement makes of its DATETIME.
        package borrowing func time(at column: Int) throws(Failure) -> Int64? { try number(at: column) }

        /// From text of all kinds. Not for secrets: the text leaves the memory that is wiped.
        package borrowing func text(at column: Int) throws(Failure) -> String? {
            try withBytes(at: column) { (bytes) throws(Failure) -> String? in
                guard let bytes else { return nil }
                guard let text = String(utf8: bytes) else { throw malformed(column, "text in UTF-8") }
                return text
            }
        }

        /// Lends the bytes of text, BINARY and BLOB for the length of the call; they are wiped after it.
        package borrowing func withBytes<Success: ~Copyable>(
            at column: Int,
            _ body: (Span<UInt8>?) throws(Failure) -> Success
        ) throws(Failure) -> Success {
            guard statement.columns.indices.contains(column), case .string = statement.columns[column] else {
                throw malformed(column, "text or bytes")
            }
            if statement.isNull(column) { return try body(nil) }
            let bytes: SecretBytes
            do throws(DatabaseError) { bytes = try statement.bytes(column) } catch { throw Failure(error) }
            return try bytes.withBytes { (bytes) throws(Failure) in try body(bytes) }
        }

        private borrowing func malformed(_ column: Int, _ what: String) -> Failure {
            Failure(DatabaseError(.malformed, "column \(column) of an answer is not \(what)"))
        }
    }
#endif
