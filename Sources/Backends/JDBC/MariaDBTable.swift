#if MariaDB
    internal import Databases
    internal import MariaDB

    /// Sealed values in MariaDB and MySQL.
    extension MariaDBConnection: ServerTable, SealedTable where Failure == StoreFailure {
        typealias Statements = MariaDBStatements

        borrowing func makeTables(_ call: TableCall) throws(StoreFailure) { try MariaDBSchema.make(self, call) }

        borrowing func insert(
            _ statement: DatabaseStatement,
            _ parameters: borrowing DatabaseParameters,
            _ call: TableCall
        ) throws(StoreFailure) -> Bool {
            // INSERT IGNORE would be silent about other faults, too.
            do throws(StoreFailure) { return try changesOne(statement, parameters, call) } catch {
                guard error.databaseKind == .duplicate else { throw error }
                return false
            }
        }
    }

    /// Names are bytes: texts would take `a` and `a ` for the same.
    enum MariaDBStatements: TableStatements {
        static let holdZeros = true

        static func row(in secrets: DatabaseTable) -> DatabaseStatement {
            "SELECT version, envelope, tags FROM \(secrets) WHERE tenant = ? AND namespace = ? AND name = ?"
        }

        static func entries(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            SELECT name, version, tags, description, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', updated_at) DIV 1000
            FROM \(secrets)
            WHERE tenant = ? AND namespace = ? AND name > ? AND name >= ? AND deleted_at IS NULL
            ORDER BY name LIMIT ?
            """
        }

        static func namespaces(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            SELECT DISTINCT tenant, namespace FROM \(secrets)
            WHERE deleted_at IS NULL AND (? = 0 OR (tenant, namespace) > (?, ?)) AND (? = 0 OR tenant = ?)
            ORDER BY tenant, namespace LIMIT ?
            """
        }

        static func insert(into secrets: DatabaseTable) -> DatabaseStatement {
            """
            INSERT INTO \(secrets)
              (key_id, envelope, tags, description, tenant, namespace, name, version, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """
        }

        static func update(_ secrets: DatabaseTable) -> DatabaseStatement {
            """
            UPDATE \(secrets) SET version = version + 1, key_id = ?, envelope = ?, tags = ?, description = ?,
              updated_at = UTC_TIMESTAMP(6), deleted_at = NULL
            WHERE tenant = ? AND namespace = ? AND name = ? AND version = ?
            """
        }

        static func bury(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            UPDATE \(secrets) SET version = version + 1, key_id = NULL, envelope = NULL, tags = '{}',
              description = NULL, updated_at = UTC_TIMESTAMP(6), deleted_at = UTC_TIMESTAMP(6)
            WHERE tenant = ? AND namespace = ? AND name = ? AND version = ? AND deleted_at IS NULL
            """
        }

        static func values(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            SELECT tenant, namespace, name, version, envelope FROM \(secrets)
            WHERE (tenant, namespace, name) > (?, ?, ?) AND key_id = ?
            ORDER BY tenant, namespace, name LIMIT ?
            """
        }

        static func reseal(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            UPDATE \(secrets) SET key_id = ?, envelope = ?
            WHERE tenant = ? AND namespace = ? AND name = ? AND version = ? AND envelope = ?
            """
        }

        static func setCanary(in store: DatabaseTable) -> DatabaseStatement {
            "UPDATE \(store) SET canary = ? WHERE canary <=> ?"
        }
    }
#endif
