#if MariaDB
    import DatabaseServers
    import Databases
    import MariaDB
    import SecretMemory
    import Testing

    typealias Connection = MariaDBConnection<DatabaseError>
    typealias Pool = MariaDBPool<DatabaseError>

    func settings(_ url: String, password: String = MariaDBServer.password) throws -> MariaDBSettings {
        let secret = SharedSecret(try SecretBytes(copying: Array(password.utf8).span))
        return try MariaDBSettings(url: url, user: MariaDBServer.user, password: secret)
    }

    /// Long enough for a busy machine; tests that mean a deadline give their own.
    func soon(_ duration: Duration = .seconds(30)) -> ContinuousClock.Instant { .now.advanced(by: duration) }

    /// Runs `body` with a pool of one connection, and closes it.
    @discardableResult
    func withPool<Success: Sendable>(
        _ settings: MariaDBSettings,
        _ body: (Pool) async throws -> Success
    ) async throws -> Success {
        var limits = DatabasePoolLimits()
        limits.size = 1
        let pool = try Pool(settings, limits: limits)
        do {
            let success = try await body(pool)
            await pool.close()
            return success
        } catch {
            await pool.close()
            throw error
        }
    }

    extension DatabasePool where Connection == MariaDBConnection<DatabaseError>, Failure == DatabaseError {
        /// The one number that a statement answers with.
        func number(
            _ statement: DatabaseStatement,
            deadline: ContinuousClock.Instant = soon()
        ) async throws(DatabaseError) -> Int64? {
            try await perform(deadline: deadline) { (connection) throws(DatabaseError) in
                var number: Int64?
                try connection.query(statement, deadline: deadline) { (row) throws(DatabaseError) in
                    number = try row.number(at: 0)
                }
                return number
            }
        }

        @discardableResult
        func run(
            _ statement: DatabaseStatement,
            deadline: ContinuousClock.Instant = soon()
        ) async throws(DatabaseError) -> Int {
            try await perform(deadline: deadline) { (connection) throws(DatabaseError) in
                try connection.execute(statement, deadline: deadline)
            }
        }

        /// What a call fails with; nil where it succeeds.
        func failure(
            _ statement: DatabaseStatement,
            deadline: ContinuousClock.Instant = soon()
        ) async -> DatabaseError? {
            do throws(DatabaseError) {
                try await run(statement, deadline: deadline)
                return nil
            } catch {
                return error
            }
        }

        /// Asks until the answer is 0; errors are other answers.
        func waitForZero(_ statement: DatabaseStatement) async throws {
            let end = soon(.seconds(20))
            while (try? await number(statement)) != 0 {
                try #require(ContinuousClock.now < end, "\(statement.text) is not 0")
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// An expectation for closures with typed errors, in which the macro itself cannot stand around a `try`.
    func same<Value: Equatable>(_ found: Value, _ wanted: Value, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(found == wanted, sourceLocation: sourceLocation)
    }
#endif
