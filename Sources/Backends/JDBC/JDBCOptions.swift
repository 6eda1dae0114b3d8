internal import Databases
internal import MariaDB
internal import PostgreSQL

/// A store in tables on a server: which, and how it is used. The secret is not among it.
struct JDBCOptions: Sendable {
    enum Server: Sendable {
        case postgreSQL(PostgreSQLSettings)
        case mariaDB(MariaDBSettings)

        var settings: any DatabaseSettings {
            switch self {
            case .postgreSQL(let settings): settings
            case .mariaDB(let settings): settings
            }
        }
    }

    var server: Server
    /// The table of the secrets. Another one beside it, with ``storeSuffix``, says what kind of store this is.
    var table: DatabaseTable
    var isReadOnly = false
    /// What it is opened for.
    var purpose = ManagerPurpose.serving
    /// Connections, and threads.
    var poolSize = 4
    /// Calls that may wait for a connection; one more is answered with ``BackendError/throttled(retryAfter:)``.
    var queueLimit = 256

    static let storeSuffix = "_store"
    static let poolSizes = 1...64

    /// How long one call may take: to connect, and for each of its two statements.
    var callLimit: Duration { server.settings.connectTimeout + server.settings.statementTimeout * 2 }

    /// Whether the tables may be made, sealed anew and written to.
    var mayChange: Bool { !isReadOnly && purpose == .serving }

    /// For the words of refusals.
    var place: String {
        let settings = server.settings
        let hosts = settings.hosts.map(\.description).joined(separator: ", ")
        return "the table \(table) in \(settings.database) at \(hosts)"
    }

    var poolLimits: DatabasePoolLimits {
        var limits = DatabasePoolLimits()
        limits.size = poolSize
        limits.queueLimit = queueLimit
        return limits
    }

    func call(until deadline: ContinuousClock.Instant) -> TableCall {
        let store = DatabaseIdentifier(table.name.name + Self.storeSuffix) ?? table.name
        return TableCall(secrets: table, store: DatabaseTable(store, in: table.schema), deadline: deadline)
    }
}
