internal import Databases
internal import MariaDB
internal import PostgreSQL
internal import Secrets

/// Where a URL leads.
enum JDBCDatabase: Sendable {
    case server(JDBCOptions)
    case file(SQLiteOptions)

    /// For the words of refusals.
    var place: String {
        switch self {
        case .server(let options): options.place
        case .file(let options): options.path
        }
    }

    func backend(
        _ store: SealedStore,
        _ surroundings: ManagerSurroundings
    ) throws(BackendError) -> any SecretBackend {
        switch self {
        case .file(var options):
            options.purpose = surroundings.purpose
            return try SQLiteBackend(options, store)
        case .server(var options):
            options.purpose = surroundings.purpose
            do throws(StoreFailure) { return try Self.backend(options, store, surroundings) } catch {
                throw error.explained(store.place)
            }
        }
    }

    private static func backend(
        _ options: JDBCOptions,
        _ store: SealedStore,
        _ surroundings: ManagerSurroundings
    ) throws(StoreFailure) -> any SecretBackend {
        switch options.server {
        case .postgreSQL(let settings):
            #if PostgreSQL
                let pool = try PostgreSQLPool<StoreFailure>(settings, limits: options.poolLimits)
                return JDBCBackend(options, store, pool, time: surroundings.time)
            #else
                throw missing("PostgreSQL", settings.hosts)
            #endif
        case .mariaDB(let settings):
            #if MariaDB
                let pool = try MariaDBPool<StoreFailure>(settings, limits: options.poolLimits)
                return JDBCBackend(options, store, pool, time: surroundings.time)
            #else
                throw missing("MariaDB", settings.hosts)
            #endif
        }
    }

    private static func missing(_ trait: String, _ hosts: [DatabaseHost]) -> StoreFailure {
        StoreFailure(DatabaseError(.settings, "this agent was built without the trait \(trait)"))
    }
}
