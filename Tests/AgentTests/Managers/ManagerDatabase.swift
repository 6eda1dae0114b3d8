import DatabaseServers
import Foundation

/// A real database of a test's own that holds an agent's secrets.
enum ManagerDatabase: Sendable {
    case server(any DatabaseServer)
    /// `store.db` in the folder.
    case file(Workspace)

    enum Kind: CaseIterable, Sendable {
        case postgreSQL
        case mariaDB
        case sqlite
    }

    /// - Parameter logsAll: whether a MariaDB writes everything to its logs that it can; PostgreSQL always does.
    init(_ kind: Kind, logsAll: Bool = false) throws {
        switch kind {
        case .postgreSQL: self = .server(try PostgreSQLServer())
        case .mariaDB:
            var options = DatabaseServerOptions()
            if logsAll {
                options.settings = [
                    "log-bin": "binary", "server-id": "1", "general-log": "1", "slow-query-log": "1",
                    "long-query-time": "0",
                ]
            }
            self = .server(try MariaDBServer(options: options))
        case .sqlite: self = .file(try Workspace())
        }
    }

    /// nil where it is a file.
    var server: (any DatabaseServer)? { if case .server(let server) = self { server } else { nil } }

    /// `kestra.secret` in one line.
    func secret(_ more: String) -> String {
        switch self {
        case .server(let server): server.secret(more)
        case .file(let folder):
            """
            {type: jdbc, jdbc: {url: 'jdbc:sqlite:\(folder.path("store.db"))', secret: \(Self.storeSecret)}, \(more)}
            """
        }
    }

    /// It opens nothing but stores of these tests.
    fileprivate static let storeSecret = "kN2v8Qx1Zr7Tb4Lm9Wc6Yd3Hf5Jg0PsAe"

    /// Where a text stands: files, logs among them, and dumps.
    func places(of text: String) throws -> [String] {
        switch self {
        case .server(let server): try server.files(holding: text) + (server.dump().contains(text) ? ["the dump"] : [])
        case .file(let folder): try folder.files(holding: text)
        }
    }
}

extension DatabaseServer {
    /// `kestra.secret` in one line.
    func secret(_ more: String) -> String {
        let section = """
            {url: '\(url())', username: \(Self.user), password: \(Self.password), secret: \(ManagerDatabase.storeSecret), \
            connect-timeout: 1s, statement-timeout: 1s}
            """
        return "{type: jdbc, jdbc: \(section), \(more)}"
    }
}
