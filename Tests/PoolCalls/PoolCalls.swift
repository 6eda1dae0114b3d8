package import Databases

/// Runs `body` with a pool of one connection, and closes it.
///
/// - Parameter limits: changes the pool's other measures.
package func withPool<Connection: DatabaseConnection & ~Copyable, Success: Sendable>(
    limits: (inout DatabasePoolLimits) -> Void,
    _ make: (DatabasePoolLimits) throws -> DatabasePool<Connection, DatabaseError>,
    _ body: (DatabasePool<Connection, DatabaseError>) async throws -> Success
) async throws -> Success {
    var measures = DatabasePoolLimits()
    measures.size = 1
    limits(&measures)
    let pool = try make(measures)
    do {
        let success = try await body(pool)
        await pool.close()
        return success
    } catch {
        await pool.close()
        throw error
    }
}

extension DatabasePool where Connection: ~Copyable, Connection.Failure == DatabaseError, Failure == DatabaseError {
    /// The one number that a statement answers with.
    package func number(
        _ statement: DatabaseStatement,
        deadline: ContinuousClock.Instant = soon()
    ) async throws(DatabaseError) -> Int64? {
        try await perform(deadline: deadline) { (connection) throws(DatabaseError) in
            let found: [Number] = try connection.fetch(
                statement,
                DatabaseParameters(),
                deadline: deadline,
                maximumRows: 10_000
            )
            return found.last?.number
        }
    }

    @discardableResult
    package func run(
        _ statement: DatabaseStatement,
        deadline: ContinuousClock.Instant = soon()
    ) async throws(DatabaseError) -> Int {
        try await perform(deadline: deadline) { (connection) throws(DatabaseError) in
            try connection.execute(statement, DatabaseParameters(), deadline: deadline)
        }
    }

    /// What a call fails with; nil where it succeeds.
    package func failure(
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
    package func waitForZero(_ statement: DatabaseStatement) async throws {
        let end = soon(.seconds(20))
        while (try? await number(statement)) != 0 {
            guard ContinuousClock.now < end else { throw NotInTime(what: statement.text) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// A row of one number.
private struct Number: FetchableRecord {
    let number: Int64?

    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure) { number = try row.number(at: 0) }
}
