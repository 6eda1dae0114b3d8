import DatabaseServers
import Foundation
import Liveness
import PostgreSQL
import Registry
import SQLite
import SecretMemory

/// A registry of its own for a test, and a way behind its back.
final class Place {
    let registry: any InstanceRegistry
    private let kind: RegistryContractTests.Kind
    private let folder: String
    private let server: PostgreSQLServer?

    init(_ kind: RegistryContractTests.Kind) throws {
        self.kind = kind
        folder =
            FileManager.default.temporaryDirectory.appending(path: "tacit-registry-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        server = kind == .postgresql ? try PostgreSQLServer() : nil
        registry = try Self.open(kind, folder, server)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A second agent's view of the same registry.
    func another() throws -> any InstanceRegistry { try Self.open(kind, folder, server) }

    private static func open(
        _ kind: RegistryContractTests.Kind,
        _ folder: String,
        _ server: PostgreSQLServer?
    ) throws -> any InstanceRegistry {
        guard kind == .postgresql, let server else { return SQLiteRegistry(path: folder + "/nodes.db") }
        let password = SharedSecret(try SecretBytes(copying: Array(PostgreSQLServer.password.utf8).span))
        return PostgreSQLRegistry(
            try PostgreSQLSettings(url: server.url(), user: PostgreSQLServer.user, password: password)
        )
    }

    /// Runs a statement behind the registry's back; `%@` stands for the table.
    func run(_ statement: String) throws {
        guard let server else {
            let text = statement.replacingOccurrences(of: "%@", with: "service_instance")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = [
                "-c", "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute(sys.argv[2]); d.commit()",
                folder + "/nodes.db", text,
            ]
            try process.run()
            process.waitUntilExit()
            return
        }
        try server.sql(statement.replacingOccurrences(of: "%@", with: "tacit_instance"))
    }

    func sql(_ statements: String) throws { try server?.sql(statements) }
}
