import DatabaseServers
import Foundation

/// A real database of a test's own that holds an agent's secrets.
enum ManagerDatabase: Sendable {
    case postgreSQL(PostgreSQLServer)
    case mariaDB(MariaDBServer)
    /// A file in the folder.
    case sqlite(Workspace)

    enum Kind: CaseIterable, Sendable {
        case postgreSQL
        case mariaDB
        case sqlite

        static let servers: [Kind] = [.postgreSQL, .mariaDB]
    }

    /// - Parameter logsAll: whether a MariaDB writes everything to its logs that it can; the other server always does.
    init(_ kind: Kind, logsAll: Bool = false) throws {
        switch kind {
        case .postgreSQL: self = .postgreSQL(try PostgreSQLServer())
        case .mariaDB:
            var options = MariaDBServer.Options()
            if logsAll {
                options.settings = [
                    "log-bin": "binary", "server-id": "1", "general-log": "1", "slow-query-log": "1",
                    "long-query-time": "0",
                ]
            }
            self = .mariaDB(try MariaDBServer(options: options))
        case .sqlite: self = .sqlite(try Workspace())
        }
    }

    /// `kestra.secret` in one line.
    func secret(_ more: String) -> String {
        let user = "username: \(PostgreSQLServer.user), password: \(PostgreSQLServer.password)"
        let waits = "connect-timeout: 1s, statement-timeout: 1s"
        let connection =
            switch self {
            case .postgreSQL(let server): "url: '\(server.url())', \(user), \(waits)"
            case .mariaDB(let server): "url: '\(server.url())', \(user), \(waits)"
            case .sqlite(let folder): "url: 'jdbc:sqlite:\(folder.path("store.db"))'"
            }
        let section = "{\(connection), secret: kN2v8Qx1Zr7Tb4Lm9Wc6Yd3Hf5Jg0PsAe}"
        return "{type: jdbc, jdbc: \(section), \(more)}"
    }

    /// Whether it is a process that may end.
    var isServer: Bool {
        if case .sqlite = self { false } else { true }
    }

    func kill() throws {
        switch self {
        case .postgreSQL(let server): try server.kill()
        case .mariaDB(let server): try server.kill()
        case .sqlite: break
        }
    }

    func start() throws {
        switch self {
        case .postgreSQL(let server): try server.start()
        case .mariaDB(let server): try server.start()
        case .sqlite: break
        }
    }

    /// Statements that read a row, as the server's log shows them; nil where it has none.
    var reads: Int? {
        guard case .postgreSQL(let server) = self else { return nil }
        return server.log().components(separatedBy: "execute <unnamed>: SELECT version, envelope").count - 1
    }

    /// Where a text stands: files, logs among them, and dumps.
    func places(of text: String) throws -> [String] {
        switch self {
        case .postgreSQL(let server): try server.files(holding: text) + dumps(try server.dump(), text)
        case .mariaDB(let server): try server.files(holding: text) + dumps(try server.dump(), text)
        case .sqlite(let folder): try folder.files(holding: text)
        }
    }

    private func dumps(_ dump: String, _ text: String) -> [String] { dump.contains(text) ? ["the dump"] : [] }
}
