#if MariaDB
    internal import Databases
    internal import MariaDB
    internal import SecretMemory
    internal import Secrets

    /// Sealed values in MariaDB and MySQL. Names are bytes there: texts would take `a` and `a ` for the same.
    extension MariaDBConnection: ServerTable, SealedTable where Failure == StoreFailure {
        borrowing func prepare(create: Bool, _ call: TableCall) throws(StoreFailure) {
            try MariaDBSchema.prepare(self, create: create, call)
        }

        borrowing func row(of name: SecretName, _ call: TableCall) throws(StoreFailure) -> StoredRow? {
            var parameters = DatabaseParameters()
            parameters.append(name)
            var found: StoredRow?
            try query(
                """
                SELECT version, envelope, tags FROM \(call.secrets) WHERE tenant = ? AND namespace = ? AND name = ?
                """,
                parameters,
                deadline: call.deadline,
                maximumRows: 1
            ) { (row) throws(StoreFailure) in
                found = StoredRow(
                    version: try row.version(at: 0),
                    envelope: try row.bytes(at: 1),
                    tags: try row.text(at: 2) ?? ""
                )
            }
            return found
        }

        borrowing func entries(_ query: ListQuery, _ call: TableCall) throws(StoreFailure) -> [StoredEntry] {
            var parameters = DatabaseParameters()
            for text in [query.tenant, query.namespace, query.after, query.prefix] { parameters.append(text) }
            parameters.append(Int64(query.limit))
            var entries: [StoredEntry] = []
            try self.query(
                """
                SELECT name, version, tags, description,
                  TIMESTAMPDIFF(MICROSECOND, '1970-01-01', updated_at) DIV 1000
                FROM \(call.secrets)
                WHERE tenant = ? AND namespace = ? AND name > ? AND name >= ? AND deleted_at IS NULL
                ORDER BY name LIMIT ?
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
                        updatedAt: try row.number(at: 4) ?? 0
                    )
                )
            }
            return entries
        }

        borrowing func namespaces(
            _ query: NamespaceQuery,
            _ call: TableCall
        ) throws(StoreFailure) -> [NamespaceName] {
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
                WHERE deleted_at IS NULL AND (? = 0 OR (tenant, namespace) > (?, ?)) AND (? = 0 OR tenant = ?)
                ORDER BY tenant, namespace LIMIT ?
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
            do throws(StoreFailure) {
                // INSERT IGNORE would be silent about other faults, too.
                return try execute(
                    """
                    INSERT INTO \(call.secrets)
                      (key_id, envelope, tags, description, tenant, namespace, name, version, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
                    """,
                    parameters,
                    deadline: call.deadline
                ) == 1
            } catch {
                guard error.databaseKind == .duplicate else { throw error }
                return false
            }
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
                UPDATE \(call.secrets) SET version = version + 1, key_id = ?, envelope = ?, tags = ?, description = ?,
                  updated_at = UTC_TIMESTAMP(6), deleted_at = NULL
                WHERE tenant = ? AND namespace = ? AND name = ? AND version = ?
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
                  description = NULL, updated_at = UTC_TIMESTAMP(6), deleted_at = UTC_TIMESTAMP(6)
                WHERE tenant = ? AND namespace = ? AND name = ? AND version = ? AND deleted_at IS NULL
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
                WHERE (tenant, namespace, name) > (?, ?, ?) AND key_id = ?
                ORDER BY tenant, namespace, name LIMIT ?
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
                let envelope = try row.bytes(at: 4) ?? []
                values.append(StoredSecret(name: name, version: try row.version(at: 3), envelope: envelope))
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
            parameters.append(identifier.span)
            parameters.append(envelope.span)
            parameters.append(secret.name)
            parameters.append(secret.version)
            parameters.append(secret.envelope.span)
            return try execute(
                """
                UPDATE \(call.secrets) SET key_id = ?, envelope = ?
                WHERE tenant = ? AND namespace = ? AND name = ? AND version = ? AND envelope = ?
                """,
                parameters,
                deadline: call.deadline
            ) == 1
        }

        borrowing func canary(_ call: TableCall) throws(StoreFailure) -> [UInt8]? {
            var found: [UInt8]?
            try query("SELECT canary FROM \(call.store)", deadline: call.deadline, maximumRows: 1) {
                (row) throws(StoreFailure) in found = try row.bytes(at: 0)
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
                "UPDATE \(call.store) SET canary = ? WHERE canary <=> ?",
                parameters,
                deadline: call.deadline
            )
        }
    }

    extension MariaDBRow where Failure == StoreFailure {
        borrowing func version(at column: Int) throws(StoreFailure) -> Int64 {
            guard let version = try number(at: column) else {
                throw StoreFailure(DatabaseError(.malformed, "a row has no version"))
            }
            return version
        }

        /// A copy of bytes that are no secret; nil for NULL.
        borrowing func bytes(at column: Int) throws(StoreFailure) -> [UInt8]? {
            try withBytes(at: column) { (bytes) throws(StoreFailure) -> [UInt8]? in
                guard let bytes else { return nil }
                return [UInt8](copying: bytes)
            }
        }
    }
#endif
