import Backends
import DatabaseServers
import Foundation
import Secrets
import Testing

/// What a URL can lead to.
enum JDBCKind: String, CaseIterable, Sendable {
    case postgreSQL
    case mariaDB
    case sqlite

    static let servers: [JDBCKind] = [.postgreSQL, .mariaDB]

    /// nil for a file.
    fileprivate var server: DatabaseServerKind? {
        switch self {
        case .postgreSQL: .postgreSQL
        case .mariaDB: .mariaDB
        case .sqlite: nil
        }
    }
}

/// A store of a test's own in a database: tables on a server that tests share, or a file.
final class JDBCScene: Sendable {
    enum Database: Sendable {
        case server(any DatabaseServer)
        case file(TemporaryDirectory)
    }

    let kind: JDBCKind
    let database: Database
    /// The name of its table; on a server only.
    let table: String

    init(_ kind: JDBCKind) throws {
        self.kind = kind
        database = if let server = kind.server { .server(try server.shared()) } else { .file(try TemporaryDirectory()) }
        table = "secret_\(UUID().uuidString.prefix(8).lowercased())"
    }

    /// On a server of its own, which may be ended.
    init(own kind: JDBCKind, options: DatabaseServerOptions = DatabaseServerOptions()) throws {
        self.kind = kind
        database =
            if let server = kind.server {
                .server(try server.start(options: options))
            } else {
                .file(try TemporaryDirectory())
            }
        table = "secret"
    }

    /// nil where it is in a file.
    var server: (any DatabaseServer)? { if case .server(let server) = database { server } else { nil } }

    var url: String {
        switch database {
        case .server(let server): server.url()
        case .file(let directory): "jdbc:sqlite:\(directory.file("store.db"))"
        }
    }

    /// The section of a configuration.
    func section(
        url: String? = nil,
        secret: String = StoreSecret.first,
        previous: [String] = [],
        more: [String] = []
    ) -> String {
        var lines = ["url: \(url ?? self.url)", "secret: \(secret)"]
        if !previous.isEmpty { lines.append("previous-secrets: [\(previous.joined(separator: ", "))]") }
        if let server {
            let account = type(of: server)
            lines += ["username: \(account.user)", "password: \(account.password)", "table: \(table)"]
        }
        // A later line of the same key takes the place of an earlier one.
        let names = more.compactMap { $0.split(separator: ":").first }
        lines.removeAll { line in names.contains { line.hasPrefix("\($0):") } }
        return (lines + more).joined(separator: "\n")
    }

    func backend(
        url: String? = nil,
        secret: String = StoreSecret.first,
        previous: [String] = [],
        more: [String] = [],
        readOnly: Bool = false,
        time: TimeSource = .system,
        purpose: ManagerPurpose = .serving,
        notices: @escaping BackendNotices = { _ in }
    ) throws -> any SecretBackend {
        let section = section(url: url, secret: secret, previous: previous, more: more)
        return try ConfiguredBackend(
            type: "jdbc",
            section: section,
            readOnly: readOnly,
            notices: notices,
            time: time,
            purpose: purpose
        ).make()
    }

    /// How many values are sealed under each secret, the rarest first.
    func sealed() throws -> [Int] {
        let statement = "SELECT count(*) FROM $TABLE WHERE key_id IS NOT NULL GROUP BY key_id ORDER BY 1"
        return try sql(statement).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }

    /// How many of its tables there are; a file counts for one.
    func tables() throws -> Int {
        if case .file(let directory) = database {
            return FileManager.default.fileExists(atPath: directory.file("store.db")) ? 1 : 0
        }
        let names = "('\(table)', '\(table)_store')"
        return Int(try sql("SELECT count(*) FROM information_schema.tables WHERE table_name IN \(names)")) ?? -1
    }

    /// Runs statements behind the agent's back, as the superuser. $TABLE stands for the table of the secrets, $STORE for the one
    /// beside it.
    @discardableResult
    func sql(_ statements: String) throws -> String {
        let statements = statements.replacingOccurrences(of: "$STORE", with: "$TABLE_store")
        switch database {
        case .server(let server):
            let place = kind == .postgreSQL ? "agent.\(table)" : table
            return try server.sql(statements.replacingOccurrences(of: "$TABLE", with: place))
        case .file(let directory):
            let raw = try RawDatabase(directory.file("store.db"))
            try raw.execute(statements.replacingOccurrences(of: "$TABLE", with: "secret"))
            return ""
        }
    }
}
