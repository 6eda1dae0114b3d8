#if PostgreSQL
    internal import Databases
    internal import PostgreSQL

    /// The table of the registry, and how it comes to be there.
    enum InstanceTable {
        /// Grows when the table changes.
        static let version: Int64 = 1

        /// Makes the tables where they are missing, and makes sure that they are of a version that this agent knows.
        static func prepare(
            _ connection: borrowing PostgreSQLRegistry.Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) {
            var found = try version(connection, deadline)
            if found == nil {
                try make(connection, deadline)
                found = try version(connection, deadline)
            }
            guard found == version else {
                let known = found.map { "\($0)" } ?? "none"
                throw DatabaseError(
                    .other,
                    "its tables have version \(known), this agent knows \(version); use a newer agent"
                )
            }
        }

        private static func version(
            _ connection: borrowing PostgreSQLRegistry.Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> Int64? {
            var version: Int64?
            do throws(DatabaseError) {
                try connection.query("SELECT version FROM tacit_registry", deadline: deadline) {
                    (row) throws(DatabaseError) in version = try row.number(at: 0)
                }
            } catch {
                guard error.kind == .missingTable else { throw error }
            }
            return version
        }

        private static func make(
            _ connection: borrowing PostgreSQLRegistry.Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) {
            do throws(DatabaseError) {
                try connection.transaction(deadline: deadline) { () throws(DatabaseError) in
                    // Two agents that start at once must not both make them.
                    try connection.execute("SELECT pg_advisory_xact_lock(1413563218, 0)", deadline: deadline)
                    try connection.execute(
                        """
                        CREATE TABLE IF NOT EXISTS tacit_instance (
                          id text PRIMARY KEY, type text NOT NULL, state text NOT NULL, sequence bigint NOT NULL,
                          node text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
                          updated_at timestamptz NOT NULL DEFAULT now(), data jsonb NOT NULL)
                        """,
                        deadline: deadline
                    )
                    try connection.execute(
                        "CREATE INDEX IF NOT EXISTS tacit_instance_state ON tacit_instance (state, updated_at)",
                        deadline: deadline
                    )
                    try connection.execute(
                        "CREATE TABLE IF NOT EXISTS tacit_registry (version bigint NOT NULL)",
                        deadline: deadline
                    )
                    var parameters = DatabaseParameters()
                    parameters.append(version)
                    try connection.execute(
                        "INSERT INTO tacit_registry SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM tacit_registry)",
                        parameters,
                        deadline: deadline
                    )
                }
            } catch {
                guard error.kind == .missingPrivilege else { throw error }
                throw DatabaseError(
                    .missingPrivilege,
                    "the tables are missing and this user may not create them; docs/liveness.md has the statements",
                    state: error.state
                )
            }
        }
    }
#endif
