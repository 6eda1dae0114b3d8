#if MariaDB
    internal import CMariaDB
    internal import Databases
    internal import SecretMemory

    /// A statement with its parameters and the columns of its current row. Belongs to its connection's thread.
    ///
    /// Sound because what the library is given pointers to is allocated here, is as long as it is told, and is freed after
    /// the statement has been closed. Who gives a statement up in the middle closes its connection first, so that closing
    /// it here never waits for the server.
    @safe
    final class LibraryStatement {
        enum Column {
            case number(isUnsigned: Bool)
            case string
            case other
        }

        /// `MYSQL_STMT *`
        private let raw: UnsafeMutablePointer<MYSQL_STMT>
        private(set) var columns: [Column] = []
        private var binds = unsafe UnsafeMutableBufferPointer<MYSQL_BIND>(start: nil, count: 0)
        private var lengths = unsafe UnsafeMutableBufferPointer<UInt>(start: nil, count: 0)
        private var nulls = unsafe UnsafeMutableBufferPointer<my_bool>(start: nil, count: 0)
        private var numbers = unsafe UnsafeMutableBufferPointer<Int64>(start: nil, count: 0)

        /// - Safety: `raw` must be a fresh statement that nobody else closes.
        @unsafe
        init(adopting raw: UnsafeMutablePointer<MYSQL_STMT>) { unsafe self.raw = raw }

        // MARK: Running

        func prepare(
            _ text: String,
            on connection: borrowing LibraryConnection,
            _ patience: Patience
        ) throws(DatabaseError) {
            let bytes = Array(text.utf8)
            let outcome = unsafe bytes.withUnsafeBytes { buffer -> DatabaseError? in
                let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                return unsafe waitFor(connection, patience) { answer in
                    unsafe mysql_stmt_prepare_start(answer, raw, start, UInt(buffer.count))
                } proceed: { answer, status in
                    unsafe mysql_stmt_prepare_cont(answer, raw, status)
                }
            }
            if let outcome { throw outcome }
        }

        func execute(
            _ parameters: borrowing DatabaseParameters,
            on connection: borrowing LibraryConnection,
            _ patience: Patience
        ) throws(DatabaseError) {
            if let failure = parameters.failure { throw failure }
            guard unsafe mysql_stmt_param_count(raw) == UInt(parameters.slots.count) else {
                throw DatabaseError(.other, "the statement has another number of parameters than it is given")
            }
            let outcome = unsafe parameters.withBinds { binds -> DatabaseError? in
                guard unsafe mysql_stmt_bind_param(raw, binds) == 0 else { return failure() }
                return unsafe waitFor(connection, patience) { answer in
                    unsafe mysql_stmt_execute_start(answer, raw)
                } proceed: { answer, status in
                    unsafe mysql_stmt_execute_cont(answer, raw, status)
                }
            }
            if let outcome { throw outcome }
            try bindColumns()
        }

        /// Rows that were changed, or found to be changed.
        var affected: Int { unsafe Int(clamping: Int64(bitPattern: mysql_stmt_affected_rows(raw))) }

        /// Reads the next row.
        ///
        /// - Returns: false at the end.
        func fetch(on connection: borrowing LibraryConnection, _ patience: Patience) throws(DatabaseError) -> Bool {
            guard !columns.isEmpty else { return false }
            var answer: CInt = 0
            try unsafe withUnsafeMutablePointer(to: &answer) { (answer) throws(DatabaseError) in
                try connection.run(
                    patience,
                    start: { unsafe mysql_stmt_fetch_start(answer, raw) },
                    proceed: { unsafe mysql_stmt_fetch_cont(answer, raw, $0) }
                )
            }
            switch answer {
            // Columns of unknown length are given no room at first, which counts as cut off.
            case 0, CInt(MYSQL_DATA_TRUNCATED): return true
            case CInt(MYSQL_NO_DATA): return false
            // What the server refuses between two rows, the library notes with the connection only.
            default: throw unsafe mysql_stmt_errno(raw) == 0 ? connection.failure() : failure()
            }
        }

        private func waitFor(
            _ connection: borrowing LibraryConnection,
            _ patience: Patience,
            start: (UnsafeMutablePointer<CInt>) -> CInt,
            proceed: (UnsafeMutablePointer<CInt>, CInt) -> CInt
        ) -> DatabaseError? {
            var answer: CInt = 0
            return unsafe withUnsafeMutablePointer(to: &answer) { answer in
                do throws(DatabaseError) {
                    try connection.run(
                        patience,
                        start: { unsafe start(answer) },
                        proceed: { unsafe proceed(answer, $0) }
                    )
                } catch {
                    return error
                }
                return unsafe answer.pointee == 0 ? nil : failure()
            }
        }

        private func failure() -> DatabaseError {
            unsafe ServerRefusal.error(mysql_stmt_errno(raw), String(cString: mysql_stmt_error(raw)))
        }

        // MARK: Columns

        private func bindColumns() throws(DatabaseError) {
            guard let metadata = unsafe mysql_stmt_result_metadata(raw) else { return }
            defer { unsafe mysql_free_result(metadata) }
            let count = unsafe Int(mysql_num_fields(metadata))
            allocate(count)
            for index in 0..<count {
                guard let field = unsafe mysql_fetch_field_direct(metadata, UInt32(index)) else {
                    throw DatabaseError(.malformed, "an answer has fewer columns than it says")
                }
                let isNumber = unsafe shim_is_number(field) != 0
                let isUnsigned = unsafe field.pointee.flags & UInt32(UNSIGNED_FLAG) != 0
                columns.append(
                    isNumber
                        ? .number(isUnsigned: isUnsigned) : unsafe shim_is_string(field) != 0 ? .string : .other
                )
                unsafe binds[index].length = lengths.baseAddress.map { unsafe $0 + index }
                unsafe binds[index].is_null = nulls.baseAddress.map { unsafe $0 + index }
                unsafe binds[index].buffer_type = isNumber ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_BLOB
                unsafe binds[index].is_unsigned = isUnsigned ? 1 : 0
                if isNumber {
                    unsafe binds[index].buffer = numbers.baseAddress.map { unsafe UnsafeMutableRawPointer($0 + index) }
                    unsafe binds[index].buffer_length = 8
                }
            }
            guard unsafe mysql_stmt_bind_result(raw, binds.baseAddress) == 0 else { throw failure() }
        }

        private func allocate(_ count: Int) {
            unsafe binds = .allocate(capacity: count)
            unsafe binds.initialize(repeating: MYSQL_BIND())
            unsafe lengths = .allocate(capacity: count)
            unsafe lengths.initialize(repeating: 0)
            unsafe nulls = .allocate(capacity: count)
            unsafe nulls.initialize(repeating: 0)
            unsafe numbers = .allocate(capacity: count)
            unsafe numbers.initialize(repeating: 0)
        }

        func isNull(_ column: Int) -> Bool { unsafe columns.indices.contains(column) && nulls[column] != 0 }

        /// The number in a column that holds numbers.
        func number(_ column: Int) -> Int64 { unsafe numbers[column] }

        /// A copy, in locked memory, of the bytes in a column.
        func bytes(_ column: Int) throws(DatabaseError) -> SecretBytes {
            let count = unsafe Int(clamping: lengths[column])
            guard count <= ConnectionOptions.maximumPacketBytes else {
                throw DatabaseError(.malformed, "a column is longer than the message that it came in")
            }
            var code: CInt = 0
            let bytes: SecretBytes
            do throws(MemoryError) {
                bytes = try SecretBytes(capacity: max(1, count), account: .store) { output in
                    unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                        var bind = unsafe MYSQL_BIND()
                        var length: UInt = 0
                        unsafe bind.buffer_type = MYSQL_TYPE_BLOB
                        unsafe bind.buffer = UnsafeMutableRawPointer(buffer.baseAddress)
                        unsafe bind.buffer_length = UInt(count)
                        unsafe withUnsafeMutablePointer(to: &length) { length in
                            unsafe bind.length = length
                            code = count == 0 ? 0 : unsafe mysql_stmt_fetch_column(raw, &bind, UInt32(column), 0)
                        }
                        initialized = count
                    }
                }
            } catch {
                throw DatabaseError(.memory, "there is no locked memory for a column of \(count) bytes")
            }
            guard code == 0 else { throw failure() }
            return bytes
        }

        deinit {
            unsafe mysql_stmt_close(raw)
            unsafe binds.deallocate()
            unsafe lengths.deallocate()
            unsafe nulls.deallocate()
            unsafe numbers.deallocate()
        }
    }
#endif
