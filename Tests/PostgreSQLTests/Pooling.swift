#if PostgreSQL
    import DatabaseServers
    import Databases
    import PoolCalls
    import PostgreSQL
    import SecretMemory

    typealias Connection = PostgreSQLConnection<DatabaseError>
    typealias Pool = PostgreSQLPool<DatabaseError>

    func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: Array(text.utf8).span))
    }

    func settings(
        _ url: String,
        password: String = PostgreSQLServer.password,
        insecure: Bool = false
    ) throws -> PostgreSQLSettings {
        try PostgreSQLSettings(
            url: url,
            user: PostgreSQLServer.user,
            password: try secret(password),
            allowsInsecureTransport: insecure
        )
    }

    /// Runs `body` with a pool of one connection, and closes it.
    @discardableResult
    func withPool<Success: Sendable>(
        _ settings: PostgreSQLSettings,
        limits: (inout DatabasePoolLimits) -> Void = { _ in },
        _ body: (Pool) async throws -> Success
    ) async throws -> Success {
        try await withPool(limits: limits, { limits in try Pool(settings, limits: limits) }, body)
    }
#endif
