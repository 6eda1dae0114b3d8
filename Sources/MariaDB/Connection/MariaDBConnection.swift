#if MariaDB
    package import Databases

    /// A connection to a database in MariaDB or MySQL, closed exactly once. Belongs to one thread, which it blocks until a
    /// deadline at most. Where a deadline passes in the middle of a statement, the connection is closed.
    package struct MariaDBConnection<Failure: DatabaseFailure>: DatabaseConnection, ~Copyable {
        private let library: LibraryConnection
        private let interruption: Interruption?

        init(_ library: consuming LibraryConnection, interruption: Interruption?) {
            self.library = library
            self.interruption = interruption
        }

        package var isReusable: Bool { library.isReusable }

        package borrowing func isAlive() -> Bool { library.isAlive() }

        // MARK: Statements

        /// Runs a statement, whose parameters are question marks, and lends its rows, one by one.
        ///
        /// - Parameters:
        ///   - maximumRows: how many rows the caller is prepared for; one more is an error of kind `tooLarge`.
        ///   - body: what it throws ends the query and is thrown on, with the connection still of use.
        /// - Returns: the rows that were changed.
        @discardableResult
        package borrowing func query(
            _ statement: DatabaseStatement,
            _ parameters: borrowing DatabaseParameters = DatabaseParameters(),
            deadline: ContinuousClock.Instant,
            maximumRows: Int = 10_000,
            row body: (borrowing MariaDBRow<Failure>) throws(Failure) -> Void
        ) throws(Failure) -> Int {
            let patience = Patience(deadline: deadline, interruption: interruption)
            let running: LibraryStatement
            do throws(DatabaseError) {
                running = try library.makeStatement()
                try library.checking { () throws(DatabaseError) in
                    try running.prepare(statement.quotedByBackticks, on: library, patience)
                    try running.execute(parameters, on: library, patience)
                }
            } catch {
                throw Failure(error)
            }
            var rows = 0
            while try next(of: running, patience) {
                rows += 1
                guard rows <= maximumRows else {
                    // What else comes could be endless, so it is not read.
                    library.close()
                    throw Failure(DatabaseError(.tooLarge, "the answer has more than \(maximumRows) rows"))
                }
                do throws(Failure) { try body(MariaDBRow(running)) } catch {
                    drain(running, patience)
                    throw error
                }
            }
            return rows > 0 ? rows : running.affected
        }

        package borrowing func fetch<Record: FetchableRecord>(
            _ statement: DatabaseStatement,
            _ parameters: borrowing DatabaseParameters = DatabaseParameters(),
            deadline: ContinuousClock.Instant,
            maximumRows: Int = 10_000
        ) throws(Failure) -> [Record] {
            var records: [Record] = []
            try query(statement, parameters, deadline: deadline, maximumRows: maximumRows) { (row) throws(Failure) in
                records.append(try Record(row))
            }
            return records
        }

        @discardableResult
        package borrowing func execute(
            _ statement: DatabaseStatement,
            _ parameters: borrowing DatabaseParameters = DatabaseParameters(),
            deadline: ContinuousClock.Instant
        ) throws(Failure) -> Int {
            try query(statement, parameters, deadline: deadline) { (_) throws(Failure) in }
        }

        private borrowing func next(of running: LibraryStatement, _ patience: Patience) throws(Failure) -> Bool {
            do throws(DatabaseError) {
                return try library.checking { () throws(DatabaseError) in
                    try running.fetch(on: library, patience)
                }
            } catch {
                throw Failure(error)
            }
        }

        private borrowing func drain(_ running: LibraryStatement, _ patience: Patience) {
            do throws(DatabaseError) {
                while try running.fetch(on: library, patience) {}
            } catch {
                library.close()
            }
        }

        // MARK: Transactions

        /// Runs `body` in a transaction, and undoes it where `body` throws.
        ///
        /// - Throws: what `body` throws. An error of kind `lost` or `timeout` at the very end leaves open whether the
        ///   transaction was kept.
        @discardableResult
        package borrowing func transaction<Success: ~Copyable>(
            deadline: ContinuousClock.Instant,
            _ body: () throws(Failure) -> Success
        ) throws(Failure) -> Success {
            try command("START TRANSACTION", deadline)
            let success: Success
            do throws(Failure) {
                success = try body()
            } catch {
                // A connection that cannot take it back is closed, and the server undoes it by itself.
                do throws(Failure) { try command("ROLLBACK", deadline) } catch { library.close() }
                throw error
            }
            try command("COMMIT", deadline)
            return success
        }

        private borrowing func command(_ text: String, _ deadline: ContinuousClock.Instant) throws(Failure) {
            do throws(DatabaseError) {
                try library.command(text, Patience(deadline: deadline, interruption: interruption))
            } catch {
                throw Failure(error)
            }
        }
    }
#endif
