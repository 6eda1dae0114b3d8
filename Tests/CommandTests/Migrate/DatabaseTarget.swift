import DatabaseServers
import Foundation
import ManagerFakes

/// A PostgreSQL of its own. Its rows are opened by another library than the agent's.
final class DatabaseTarget: MigrationTarget {
    /// Of a row, as the other library takes it.
    private typealias Source = [String: Any]

    let server: PostgreSQLServer
    private let opener: FakeServer
    private var rows: [String: Source]?

    init() throws {
        server = try PostgreSQLServer()
        opener = try FakeServer(.elasticsearch)
    }

    var secret: String {
        let login = "username: \(PostgreSQLServer.user), password: \(PostgreSQLServer.password)"
        return "{type: jdbc, jdbc: {url: '\(server.url())', \(login), secret: \"${STORE_SECRET}\"}}"
    }

    /// Reads all rows at the first time.
    func value(_ key: String) throws -> String? {
        let known = try rows ?? read()
        rows = known
        guard let source = known[key] else { return nil }
        return try opener.command("open", ["secret": MigrationScene.storeSecret, "source": source])["value"] as? String
    }

    private func read() throws -> [String: Source] {
        let lines = try server.sql(
            """
            SELECT name, version, translate(encode(envelope, 'base64'), E'\\n', '') FROM agent.secret
            WHERE tenant = 'main' AND namespace = 'company.team'
            """
        )
        var found: [String: Source] = [:]
        for line in lines.split(separator: "\n") {
            let columns = line.split(separator: "|").map(String.init)
            guard columns.count == 3, let version = Int(columns[1]) else { continue }
            found[columns[0]] = [
                "tenant": "main", "namespace": "company.team", "name": columns[0], "version": version,
                "envelope": columns[2],
            ]
        }
        return found
    }

    /// Tables that somebody made.
    func tables() throws -> Int? {
        Int(
            try server.sql(
                """
                SELECT count(*) FROM information_schema.tables
                WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
                """
            )
        )
    }

    func filesWithNeedle() throws -> [String] {
        try MigrationScene.needles.flatMap { try server.files(holding: $0) }
    }
}
