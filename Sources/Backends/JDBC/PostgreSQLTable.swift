#if PostgreSQL
    internal import Databases
    internal import PostgreSQL
    internal import SecretMemory
    internal import Secrets

    /// Sealed values in PostgreSQL. Names are compared by their bytes, as the columns' collation says.
    extension PostgreSQLConnection: ServerTable, SealedTable where Failure == StoreFailure {
        borrowing func prepare(create: Bool, _ call: TableCall) throws(StoreFailure) {
            try PostgreSQLSchema.prepare(self, create: create, call)
        }

        borrowing func row(of name: SecretName, _ call: TableCall) throws(StoreFailure) -> StoredRow? {
            // No row can have a name that the server's texts cannot hold.
            guard name.isFreeOfZeros else { return nil }
            var parameters = DatabaseParameters()
            parameters.append(name)
            var found: StoredRow?
            try query(
                """
                SELECT version, envelope, tags::text FROM \(call.secrets)
                WHERE tenant = $1 AND namespace = $2 AND name = $3
                """,
                parameters,
                deadline: call.deadline,
                maximumRows: 1
            ) { (row) throws(StoreFailure) in
                found = StoredRow(
                    version: try row.version(at: 0),
                    envelope: row.bytes(at: 1),
                    tags: try row.text(at: 2) ?? ""
                )
            }
            return found
        }

        borrowing func entries(_ query: ListQuery, _ call: TableCall) throws(StoreFailure) -> [StoredEntry] {
            let texts = [query.tenant, query.namespace, query.after, query.prefix]
            guard texts.allSatisfy({ !$0.utf8.contains(0) }) else { return [] }
            var parameters = DatabaseParameters()
            for text in texts { parameters.append(text) }
            parameters.append(Int64(query.limit))
            var entries: [StoredEntry] = []
            try self.query(
                """
                SELECT name, version, tags::text, description, updated_at FROM \(call.secrets)
                WHERE tenant = $1 AND namespace = $2 AND name > $3 AND name >= $4 AND deleted_at IS NULL
                ORDER BY name LIMIT $5
                """,
                parameters,
                deadline: call.deadline,
                maximumRows: query.limit
            ) { (row) throws(StoreFailure) in
                entries.append(
                    StoredEntry(
                        key: try row.text(at: 0) ?? "",
                        version: try row.version(at: 1),
                        tags: try row.text(at: 2) ?? "",
                        description: try row.text(at: 3),
                        updatedAt: try row.time(at: 4) ?? 0
                    )
                )
            }
            return entries
        }

        borrowing func namespaces(
            _ query: NamespaceQuery,
            _ call: TableCall
        ) throws(StoreFailure) -> [NamespaceName] {
            let texts = [query.after?.tenant, query.after?.namespace, query.tenant]
            guard texts.allSatisfy({ $0?.utf8.contains(0) != true }) else { return [] }
            var parameters = DatabaseParameters()
            parameters.append(Int64(query.after == nil ? 0 : 1))
            parameters.append(query.after?.tenant ?? "")
            parameters.append(query.after?.namespace ?? "")
            parameters.append(Int64(query.tenant == nil ? 0 : 1))
            parameters.append(query.tenant ?? "")
            parameters.append(Int64(query.limit))
            var found: [NamespaceName] = []
            try self.query(
                """
                SELECT DISTINCT tenant, namespace FROM \(call.secrets)
                WHERE deleted_at IS NULL AND ($1 = 0 OR (tenant, namespace) > ($2, $3)) AND ($4 = 0 OR tenant = $5)
                ORDER BY tenant, namespace LIMIT $6
                """,
                parameters,
                deadline: call.deadline,
                maximumRows: query.limit
            ) { (row) throws(StoreFailure) in
                found.append(NamespaceName(tenant: try row.text(at: 0) ?? "", namespace: try row.text(at: 1) ?? ""))
            }
            return found
        }

        borrowing func insert(_ content: StoredContent, _ call: TableCall) throws(StoreFailure) -> Bool {
            var parameters = DatabaseParameters()
            parameters.append(content)
            return try execute(
                """
                INSERT INTO \(call.secrets) (tenant, namespace, name, version, key_id, envelope, tags, description)
                VALUES ($5, $6, $7, 1, $1, $2, $3::jsonb, $4) ON CONFLICT (tenant, namespace, name) DO NOTHING
                """,
                parameters,
                deadline: call.deadline
            ) == 1
        }

        borrowing func update(
            _ content: StoredContent,
            from version: Int64,
            _ call: TableCall
        ) throws(StoreFailure) -> Bool {
            var parameters = DatabaseParameters()
            parameters.append(content)
            parameters.append(version)
            return try execute(
                """
                UPDATE \(call.secrets) SET version = version + 1, key_id = $1, envelope = $2, tags = $3::jsonb,
                  description = $4, updated_at = now(), deleted_at = NULL
                WHERE tenant = $5 AND namespace = $6 AND name = $7 AND version = $8
                """,
                parameters,
                deadline: call.deadline
            ) == 1
        }

        borrowing func bury(
            _ name: SecretName,
            at version: Int64,
            _ call: TableCall
        ) throws(StoreFailure) -> Bool {
            var parameters = DatabaseParameters()
            parameters.append(name)
            parameters.append(version)
            return try execute(
                """
                UPDATE \(call.secrets) SET version = version + 1, key_id = NULL, envelope = NULL, tags = '{}',
                  description = NULL, updated_at = now(), deleted_at = now()
                WHERE tenant = $1 AND namespace = $2 AND name = $3 AND version = $4 AND deleted_at IS NULL
                """,
                parameters,
                deadline: call.deadline
            ) == 1
        }

        borrowing func values(
            under identifier: [UInt8],
            after name: SecretName,
            limit: Int,
            _ call: TableCall
        ) throws(StoreFailure) -> [StoredSecret] {
            var parameters = DatabaseParameters()
            parameters.append(name)
            parameters.append(identifier.span)
            parameters.append(Int64(limit))
            var values: [StoredSecret] = []
            try query(
                """
                SELECT tenant, namespace, name, version, envelope FROM \(call.secrets)
                WHERE key_id = $4 AND (tenant, namespace, name) > ($1, $2, $3)
                ORDER BY tenant, namespace, name LIMIT $5
                """,
                parameters,
                deadline: call.deadline,
                maximumRows: limit
            ) { (row) throws(StoreFailure) in
                let name = SecretName(
                    tenant: try row.text(at: 0) ?? "",
                    namespace: try row.text(at: 1) ?? "",
                    key: try row.text(at: 2) ?? ""
                )
                values.append(
                    StoredSecret(name: name, version: try row.version(at: 3), envelope: row.bytes(at: 4) ?? [])
                )
            }
            return values
        }

        borrowing func reseal(
            _ secret: StoredSecret,
            as envelope: [UInt8],
            _ identifier: [UInt8],
            _ call: TableCall
        ) throws(StoreFailure) -> Bool {
            var parameters = DatabaseParameters()
            parameters.append(secret.name)
            parameters.append(secret.version)
            parameters.append(secret.envelope.span)
            parameters.append(identifier.span)
            parameters.append(envelope.span)
            return try execute(
                """
                UPDATE \(call.secrets) SET key_id = $6, envelope = $7
                WHERE tenant = $1 AND namespace = $2 AND name = $3 AND version = $4 AND envelope = $5
                """,
                parameters,
                deadline: call.deadline
            ) == 1
        }

        borrowing func canary(_ call: TableCall) throws(StoreFailure) -> [UInt8]? {
            var found: [UInt8]?
            try query("SELECT canary FROM \(call.store)", deadline: call.deadline, maximumRows: 1) {
                (row) throws(StoreFailure) in found = row.bytes(at: 0)
            }
            return found
        }

        borrowing func setCanary(
            _ envelope: [UInt8],
            replacing old: [UInt8]?,
            _ call: TableCall
        ) throws(StoreFailure) {
            var parameters = DatabaseParameters()
            parameters.append(envelope.span)
            if let old { parameters.append(old.span) } else { parameters.appendNullBytes() }
            try execute(
                "UPDATE \(call.store) SET canary = $1 WHERE canary IS NOT DISTINCT FROM $2",
                parameters,
                deadline: call.deadline
            )
        }
    }

    extension PostgreSQLRow where Failure == StoreFailure {
        borrowing func version(at column: Int) throws(StoreFailure) -> Int64 {
            guard let version = try number(at: column) else {
                throw StoreFailure(DatabaseError(.malformed, "a row has no version"))
            }
            return version
        }

        /// A copy of bytes that are no secret; nil for NULL.
        borrowing func bytes(at column: Int) -> [UInt8]? {
            withBytes(at: column) { (bytes) -> [UInt8]? in
                guard let bytes else { return nil }
                return [UInt8](copying: bytes)
            }
        }
    }
#endif
