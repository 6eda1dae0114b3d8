#if PostgreSQL
    internal import Databases
    internal import PostgreSQL
    internal import SecretMemory

    /// The tables in PostgreSQL, and how they come to be there.
    enum PostgreSQLSchema {
        typealias Connection = PostgreSQLConnection<StoreFailure>

        static func make(_ connection: borrowing Connection, _ call: TableCall) throws(StoreFailure) {
            let deadline = call.deadline
            do throws(StoreFailure) {
                try connection.transaction(deadline: deadline) { () throws(StoreFailure) in
                    // Two agents that start at once must not both make them.
                    try connection.execute("SELECT pg_advisory_xact_lock(1413563220, 0)", deadline: deadline)
                    try makeSchema(connection, call)
                    try connection.execute(
                        """
                        CREATE TABLE IF NOT EXISTS \(call.secrets) (
                          tenant text COLLATE "C" NOT NULL, namespace text COLLATE "C" NOT NULL,
                          name text COLLATE "C" NOT NULL, version bigint NOT NULL CHECK (version > 0),
                          key_id bytea CHECK (octet_length(key_id) = 8),
                          envelope bytea CHECK (octet_length(envelope) BETWEEN 105 AND 1048681),
                          tags jsonb NOT NULL DEFAULT '{}', description text,
                          created_at timestamptz NOT NULL DEFAULT now(),
                          updated_at timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz,
                          PRIMARY KEY (tenant, namespace, name),
                          CHECK ((deleted_at IS NULL) = (envelope IS NOT NULL)),
                          CHECK ((envelope IS NULL) = (key_id IS NULL)))
                        """,
                        deadline: deadline
                    )
                    try connection.execute(
                        """
                        CREATE TABLE IF NOT EXISTS \(call.store) (
                          id integer PRIMARY KEY CHECK (id = 1), version bigint NOT NULL, canary bytea)
                        """,
                        deadline: deadline
                    )
                    var parameters = DatabaseParameters()
                    parameters.append(StoreVersion.current)
                    try connection.execute(
                        "INSERT INTO \(call.store) (id, version) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
                        parameters,
                        deadline: deadline
                    )
                }
            } catch {
                guard error.databaseKind == .missingPrivilege else { throw error }
                throw StoreVersion.mayNotCreate(call)
            }
        }

        /// The server wants the right to make schemas even where there is nothing to make.
        private static func makeSchema(_ connection: borrowing Connection, _ call: TableCall) throws(StoreFailure) {
            guard let schema = call.secrets.schema else { return }
            var parameters = DatabaseParameters()
            parameters.append(schema.name)
            var isThere = false
            try connection.query(
                "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
                parameters,
                deadline: call.deadline
            ) { (_) throws(StoreFailure) in isThere = true }
            if !isThere { try connection.execute("CREATE SCHEMA \(schema)", deadline: call.deadline) }
        }
    }
#endif
