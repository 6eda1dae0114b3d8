internal import Databases
internal import Secrets

/// The version of the tables on a server.
struct StoreVersion: FetchableRecord {
    /// Grows when the tables change.
    static let current: Int64 = 1

    private let number: Int64

    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure) { number = try row.version(at: 0) }

    /// - Parameter found: nil where there are no tables.
    static func check(_ found: StoreVersion?) throws(StoreFailure) {
        guard let number = found?.number else {
            throw .database(
                DatabaseError(.missingTable, "the tables are missing, and the agent is configured to write nothing")
            )
        }
        guard number == current else {
            throw .refused(
                .malformed(
                    detail: "the tables have schema version \(number), this agent knows \(current); use a newer agent"
                )
            )
        }
    }

    static func mayNotCreate(_ call: TableCall) -> StoreFailure {
        .database(
            DatabaseError(
                .missingPrivilege,
                """
                the tables \(call.secrets) and \(call.store) are missing and this user may not create them; \
                docs/backends/jdbc.md has the statements
                """
            )
        )
    }
}
