#if MariaDB
    internal import Databases
    internal import MariaDB
    internal import SecretMemory

    /// The tables in MariaDB and MySQL, and how they come to be there.
    enum MariaDBSchema {
        typealias Connection = MariaDBConnection<StoreFailure>

        /// Step by step, since the server keeps each of them at once. The row that says the version is the last.
        static func make(_ connection: borrowing Connection, _ call: TableCall) throws(StoreFailure) {
            do throws(StoreFailure) {
                try connection.execute(
                    """
                    CREATE TABLE IF NOT EXISTS \(call.secrets) (
                      tenant VARBINARY(256) NOT NULL, namespace VARBINARY(256) NOT NULL, name VARBINARY(256) NOT NULL,
                      version BIGINT NOT NULL, key_id BINARY(8), envelope MEDIUMBLOB,
                      tags JSON NOT NULL, description TEXT,
                      created_at DATETIME(6) NOT NULL, updated_at DATETIME(6) NOT NULL, deleted_at DATETIME(6),
                      PRIMARY KEY (tenant, namespace, name),
                      CHECK (version > 0),
                      CHECK (envelope IS NULL OR LENGTH(envelope) BETWEEN 105 AND 1048681),
                      CHECK ((deleted_at IS NULL) = (envelope IS NOT NULL)),
                      CHECK ((envelope IS NULL) = (key_id IS NULL))
                    ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
                    """,
                    deadline: call.deadline
                )
                try connection.execute(
                    """
                    CREATE TABLE IF NOT EXISTS \(call.store) (
                      id INT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, canary VARBINARY(512),
                      CHECK (id = 1)
                    ) ENGINE=InnoDB
                    """,
                    deadline: call.deadline
                )
            } catch {
                guard error.databaseKind == .missingPrivilege else { throw error }
                throw StoreVersion.mayNotCreate(call)
            }
            var parameters = DatabaseParameters()
            parameters.append(StoreVersion.current)
            // False where another agent was faster.
            _ = try connection.insert("INSERT INTO \(call.store) (id, version) VALUES (1, ?)", parameters, call)
        }
    }
#endif
