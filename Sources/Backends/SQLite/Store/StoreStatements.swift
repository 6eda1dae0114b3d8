internal import SQLite

/// The statements of a session, compiled once.
struct StoreStatements: ~Copyable {
    /// tenant, namespace, name -> version, envelope, tags. Tombstones are rows too, so that a vanished row shows.
    let get: StoreStatement
    /// tenant, namespace, after, prefix, limit -> name, version, tags, description, updated_at
    let list: StoreStatement
    /// after's tenant, after's namespace, whether there is an after, tenant, whether it counts, limit -> tenant, namespace
    let namespaces: StoreStatement
    /// tenant, namespace, name, key_id, envelope, tags, description, time
    let insert: StoreStatement
    /// tenant, namespace, name, key_id, envelope, tags, description, time, old version
    let update: StoreStatement
    /// tenant, namespace, name, old version, time
    let delete: StoreStatement

    init(_ connection: borrowing StoreConnection) throws(StoreFailure) {
        let get = try connection.prepare(
            "SELECT version, envelope, tags FROM secret WHERE tenant = ?1 AND namespace = ?2 AND name = ?3"
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
            UPDATE secret SET version = version + 1, key_id = ?4, envelope = ?5, tags = ?6, description = ?7,
             updated_at = ?8, deleted_at = NULL
             WHERE tenant = ?1 AND namespace = ?2 AND name = ?3 AND version = ?9
            """
        )
        let delete = try connection.prepare(
            """
            UPDATE secret SET version = version + 1, key_id = NULL, envelope = NULL, tags = '{}', description = NULL,
             updated_at = ?5, deleted_at = ?5
             WHERE tenant = ?1 AND namespace = ?2 AND name = ?3 AND version = ?4 AND deleted_at IS NULL
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
