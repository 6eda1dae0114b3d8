#if MariaDB
    import DatabaseServers
    import Databases
    import MariaDB
    import PoolCalls
    import SecretMemory

    typealias Connection = MariaDBConnection<DatabaseError>
    typealias Pool = MariaDBPool<DatabaseError>

    func settings(_ url: String, password: String = MariaDBServer.password) throws -> MariaDBSettings {
        let secret = SharedSecret(try SecretBytes(copying: Array(password.utf8).span))
        return try MariaDBSettings(url: url, user: MariaDBServer.user, password: secret)
    }

    /// Runs `body` with a pool of one connection, and closes it.
    @discardableResult
    func withPool<Success: Sendable>(
        _ settings: MariaDBSettings,
        _ body: (Pool) async throws -> Success
    ) async throws -> Success {
        try await withPool(limits: { _ in }, { limits in try Pool(settings, limits: limits) }, body)
    }
#endif
