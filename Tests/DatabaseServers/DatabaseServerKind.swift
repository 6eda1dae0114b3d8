package enum DatabaseServerKind: CaseIterable, Sendable {
    case postgreSQL
    case mariaDB

    /// Starts a server of this kind.
    package func start(options: DatabaseServerOptions = DatabaseServerOptions()) throws -> any DatabaseServer {
        switch self {
        case .postgreSQL: try PostgreSQLServer(options: options)
        case .mariaDB: try MariaDBServer(options: options)
        }
    }

    /// One for all tests of a program that neither end nor reconfigure it.
    package func shared() throws -> any DatabaseServer {
        switch self {
        case .postgreSQL: try PostgreSQLServer.shared.get()
        case .mariaDB: try MariaDBServer.shared.get()
        }
    }
}
