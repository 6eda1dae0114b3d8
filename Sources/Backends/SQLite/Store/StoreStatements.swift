internal import SQLite

/// The statements of a session, compiled once.
struct StoreStatements: ~Copyable {
    /// tenant, namespace, name -> version, envelope. Tombstones are rows too, so that a vanished row shows.
    let get: StoreStatement
    /// tenant, namespace, after, prefix, limit -> name, version, tags, description, updated_at
    let list: StoreStatement
    /// after's tenant, after's namespace, whether there is an after, tenant, whether it counts, limit -> tenant, namespace
    let namespaces: StoreStatement
    /// tenant, namespace, name, key_id, envelope, tags, description, time
    let insert: StoreStatement
    /// version, key_id, envelope, tags, description, time, tenant, namespace, name, old version
    let update: StoreStatement
    /// time, tenant, namespace, name, old version
    let delete: StoreStatement

    init(_ connection: borrowing StoreConnection) throws(StoreFailure) {
        let get = try connection.prepare(
            "SELECT version, envelope FROM secret WHERE tenant = ?1 AND namespace = ?2 AND name = ?3"
        )
        let list = try connection.prepare(
            """
            SELECT name, version, tags, description, updated_at FROM secret
             WHERE tenant = ?1 AND namespace = ?2 AND name > ?3 AND name >= ?4 AND deleted_at IS NULL
             ORDER BY name LIMIT ?5
            """
        )
        let namespaces = try connection.prepare(
            """
            SELECT DISTINCT tenant, namespace FROM secret
             WHERE deleted_at IS NULL AND (?3 = 0 OR (tenant, namespace) > (?1, ?2)) AND (?5 = 0 OR tenant = ?4)
             ORDER BY tenant, namespace LIMIT ?6
            """
        )
        let insert = try connection.prepare(
            """
            INSERT INTO secret
             (tenant, namespace, name, version, key_id, envelope, tags, description, created_at, updated_at)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (tenant, namespace, name) DO NOTHING
            """
        )
        let update = try connection.prepare(
            """
            UPDATE secret SET version = ?1, key_id = ?2, envelope = ?3, tags = ?4, description = ?5,
             updated_at = ?6, deleted_at = NULL
             WHERE tenant = ?7 AND namespace = ?8 AND name = ?9 AND version = ?10
            """
        )
        let delete = try connection.prepare(
            """
            UPDATE secret SET version = version + 1, key_id = NULL, envelope = NULL, tags = '{}', description = NULL,
             updated_at = ?1, deleted_at = ?1
             WHERE tenant = ?2 AND namespace = ?3 AND name = ?4 AND version = ?5 AND deleted_at IS NULL
            """
        )
        // Kept at the end, because a half-filled owner could not be given up when one of the above throws.
        self.get = get
        self.list = list
        self.namespaces = namespaces
        self.insert = insert
        self.update = update
        self.delete = delete
    }
}
