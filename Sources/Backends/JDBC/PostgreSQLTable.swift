#if PostgreSQL
    internal import Databases
    internal import PostgreSQL

    /// Sealed values in PostgreSQL.
    extension PostgreSQLConnection: ServerTable, SealedTable where Failure == StoreFailure {
        typealias Statements = PostgreSQLStatements

        borrowing func makeTables(_ call: TableCall) throws(StoreFailure) { try PostgreSQLSchema.make(self, call) }

        borrowing func insert(
            _ statement: DatabaseStatement,
            _ parameters: borrowing DatabaseParameters,
            _ call: TableCall
        ) throws(StoreFailure) -> Bool {
            try changesOne(statement, parameters, call)
        }
    }

    /// Names are compared by their bytes, as the columns' collation says.
    enum PostgreSQLStatements: TableStatements {
        static let holdZeros = false

        static func row(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            SELECT version, envelope, tags::text FROM \(secrets) WHERE tenant = $1 AND namespace = $2 AND name = $3
            """
        }

        static func entries(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            SELECT name, version, tags::text, description, updated_at FROM \(secrets)
            WHERE tenant = $1 AND namespace = $2 AND name > $3 AND name >= $4 AND deleted_at IS NULL
            ORDER BY name LIMIT $5
            """
        }

        static func namespaces(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            SELECT DISTINCT tenant, namespace FROM \(secrets)
            WHERE deleted_at IS NULL AND ($1 = 0 OR (tenant, namespace) > ($2, $3)) AND ($4 = 0 OR tenant = $5)
            ORDER BY tenant, namespace LIMIT $6
            """
        }

        static func insert(into secrets: DatabaseTable) -> DatabaseStatement {
            """
            INSERT INTO \(secrets) (key_id, envelope, tags, description, tenant, namespace, name, version)
            VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7, 1) ON CONFLICT (tenant, namespace, name) DO NOTHING
            """
        }

        static func update(_ secrets: DatabaseTable) -> DatabaseStatement {
            """
            UPDATE \(secrets) SET version = version + 1, key_id = $1, envelope = $2, tags = $3::jsonb,
              description = $4, updated_at = now(), deleted_at = NULL
            WHERE tenant = $5 AND namespace = $6 AND name = $7 AND version = $8
            """
        }

        static func bury(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            UPDATE \(secrets) SET version = version + 1, key_id = NULL, envelope = NULL, tags = '{}',
              description = NULL, updated_at = now(), deleted_at = now()
            WHERE tenant = $1 AND namespace = $2 AND name = $3 AND version = $4 AND deleted_at IS NULL
            """
        }

        static func values(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            SELECT tenant, namespace, name, version, envelope FROM \(secrets)
            WHERE (tenant, namespace, name) > ($1, $2, $3) AND key_id = $4
            ORDER BY tenant, namespace, name LIMIT $5
            """
        }

        static func reseal(in secrets: DatabaseTable) -> DatabaseStatement {
            """
            UPDATE \(secrets) SET key_id = $1, envelope = $2
            WHERE tenant = $3 AND namespace = $4 AND name = $5 AND version = $6 AND envelope = $7
            """
        }

        static func setCanary(in store: DatabaseTable) -> DatabaseStatement {
            "UPDATE \(store) SET canary = $1 WHERE canary IS NOT DISTINCT FROM $2"
        }
    }
#endif
