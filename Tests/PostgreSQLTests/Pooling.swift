#if PostgreSQL
    import Databases
    import PostgreSQL
    import DatabaseServers
    import SecretMemory
    import Testing

    typealias Connection = PostgreSQLConnection<DatabaseError>
    typealias Pool = PostgreSQLPool<DatabaseError>

    func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: Array(text.utf8).span))
    }

    func settings(
        _ url: String,
        password: String = PostgreSQLServer.password,
        insecure: Bool = false
    ) throws -> PostgreSQLSettings {
        try PostgreSQLSettings(
            url: url,
            user: PostgreSQLServer.user,
            password: try secret(password),
            allowsInsecureTransport: insecure
        )
    }

    /// Long enough for a busy machine; tests that mean a deadline give their own.
    func soon(_ duration: Duration = .seconds(30)) -> ContinuousClock.Instant { .now.advanced(by: duration) }

    /// Runs `body` with a pool of one connection, and closes it.
    @discardableResult
    func withPool<Success: Sendable>(
        _ settings: PostgreSQLSettings,
        limits: (inout DatabasePoolLimits) -> Void = { _ in },
        _ body: (Pool) async throws -> Success
    ) async throws -> Success {
        var measures = DatabasePoolLimits()
        measures.size = 1
        limits(&measures)
        let pool = try Pool(settings, limits: measures)
        do {
            let success = try await body(pool)
            await pool.close()
            return success
        } catch {
            await pool.close()
            throw error
        }
    }

    extension DatabasePool where Connection == PostgreSQLConnection<DatabaseError>, Failure == DatabaseError {
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
    }

    /// An expectation for closures with typed errors, in which the macro itself cannot stand around a `try`.
    func same<Value: Equatable>(_ found: Value, _ wanted: Value, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(found == wanted, sourceLocation: sourceLocation)
    }
#endif
