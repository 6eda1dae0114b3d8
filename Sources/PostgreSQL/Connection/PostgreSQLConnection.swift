#if PostgreSQL
    package import Databases

    /// A connection to a database, closed exactly once. Belongs to one thread, which it blocks until a deadline at most.
    ///
    /// Where a deadline passes in the middle of a statement, the connection is of no more use: the server notices that it is
    /// gone and ends the statement.
    package struct PostgreSQLConnection<Failure: DatabaseFailure>: DatabaseConnection, ~Copyable {
        private let library: LibraryConnection
        private let interruption: Interruption?

        init(_ library: consuming LibraryConnection, interruption: Interruption?) {
            self.library = library
            self.interruption = interruption
        }

        package var isReusable: Bool { library.isReusable }

        package borrowing func isAlive() -> Bool { library.isAlive() }

        // MARK: Statements

        /// Runs a statement and lends its rows, one by one.
        ///
        /// - Parameters:
        ///   - maximumRows: how many rows the caller is prepared for; one more is an error of kind `tooLarge`.
        ///   - body: what it throws ends the query and is thrown on, with the connection still of use.
        /// - Returns: the rows that were changed, or found.
        @discardableResult
        package borrowing func query(
            _ statement: DatabaseStatement,
            _ parameters: borrowing DatabaseParameters = DatabaseParameters(),
            deadline: ContinuousClock.Instant,
            maximumRows: Int = 10_000,
            row body: (borrowing PostgreSQLRow<Failure>) throws(Failure) -> Void
        ) throws(Failure) -> Int {
            let patience = Patience(deadline: deadline, interruption: interruption)
            do throws(DatabaseError) {
                try library.send(statement.text, parameters, patience)
            } catch {
                throw Failure(error)
            }
            var (rows, affected) = (0, 0)
            while let part = try next(patience) {
                guard part.rows > 0 else {
                    affected = part.affected
                    continue
                }
                rows += 1
                guard rows <= maximumRows else {
                    // What else comes could be endless, so it is not read.
                    library.condemn()
                    throw Failure(DatabaseError(.tooLarge, "the answer has more than \(maximumRows) rows"))
                }
                do throws(Failure) { try body(PostgreSQLRow(part)) } catch {
                    try? drain(patience)
                    throw error
                }
            }
            return affected
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

        private borrowing func next(_ patience: Patience) throws(Failure) -> LibraryResult? {
            do throws(DatabaseError) { return try library.next(patience) } catch { throw Failure(error) }
        }

        private borrowing func drain(_ patience: Patience) throws(DatabaseError) { try library.drain(patience) }

        // MARK: Transactions

        /// How far a transaction is kept from what others do meanwhile.
        package enum Isolation: Sendable {
            case readCommitted
            /// As if no other had been under way; may end with an error of kind `conflict`, and is to be repeated then.
            case serializable
        }

        /// Runs `body` in a transaction, and undoes it where `body` throws.
        ///
        /// - Throws: what `body` throws. An error of kind `lost` or `timeout` at the very end leaves open whether the
        ///   transaction was kept.
        @discardableResult
        package borrowing func transaction<Success: ~Copyable>(
            _ isolation: Isolation = .readCommitted,
            deadline: ContinuousClock.Instant,
            _ body: () throws(Failure) -> Success
        ) throws(Failure) -> Success {
            switch isolation {
            case .readCommitted: try execute("BEGIN ISOLATION LEVEL READ COMMITTED", deadline: deadline)
            case .serializable: try execute("BEGIN ISOLATION LEVEL SERIALIZABLE", deadline: deadline)
            }
            let success: Success
            do throws(Failure) {
                success = try body()
            } catch {
                rollBack(deadline)
                throw error
            }
            try commit(deadline)
            return success
        }

        private borrowing func rollBack(_ deadline: ContinuousClock.Instant) {
            // A connection that cannot take it back is closed, and the server undoes it by itself.
            do throws(Failure) { try execute("ROLLBACK", deadline: deadline) } catch { library.condemn() }
        }

        private borrowing func commit(_ deadline: ContinuousClock.Instant) throws(Failure) {
            let patience = Patience(deadline: deadline, interruption: interruption)
            do throws(DatabaseError) {
                try library.send("COMMIT", DatabaseParameters(), patience)
                var isKept = false
                while let part = try library.next(patience) { isKept = part.tag == "COMMIT" }
                guard isKept else {
                    // A statement had failed, and whoever ran it took no notice.
                    throw DatabaseError(.other, "the transaction was undone because a statement in it had failed")
                }
            } catch {
                throw Failure(error)
            }
        }
    }
#endif
