import Foundation
import Glibc

/// A real PostgreSQL.
package final class PostgreSQLServer: DatabaseServer {
    package static let scheme = "jdbc:postgresql"
    package static let authorityParameter = "sslrootcert"
    package static let superuser = "pgadmin"

    package let port: Int
    private let folder: WatchedFolder
    package var path: String { folder.path }
    private var data: String { "\(folder.path)/data" }

    package init(options: DatabaseServerOptions = DatabaseServerOptions()) throws {
        folder = try WatchedFolder(copyOf: PostgreSQLTemplate.shared.get().folder)
        port = try ServerFiles.freePort()
        try configure(options)
        try ServerFiles.give(folder.path, to: Self.account)
        try start()
    }

    /// One for all tests of a program that neither end nor reconfigure it.
    package static let shared = Result { try PostgreSQLServer() }

    /// The folder of its Unix socket.
    package var socketFolder: String { folder.path }

    @discardableResult
    package func sql(_ statements: String, database: String) throws -> String {
        let place = "host=\(folder.path) port=\(port) user=\(Self.superuser) dbname=\(database)"
        let output = try Self.run(
            "psql",
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", place, "-f", "-"],
            input: statements
        )
        return output.trimmingCharacters(in: .newlines)
    }

    // MARK: Its life

    package func start() throws {
        do {
            try Self.run("pg_ctl", ["-D", data, "-l", "\(folder.path)/log", "-w", "-t", "60", "-s", "start"])
        } catch {
            throw ServerPrograms.Failed(description: "\(error)\n\(log())")
        }
    }

    package func stop() throws { try Self.run("pg_ctl", ["-D", data, "-m", "fast", "-w", "-s", "stop"]) }

    package func kill() throws {
        let all = try processes()
        for process in all { Glibc.kill(process, SIGKILL) }
        for process in all { while Glibc.kill(process, 0) == 0, !Self.isGone(process) { usleep(2000) } }
        // Where nobody counts out the first process, its number stays taken, and the next start would believe that it runs.
        for lock in ["\(data)/postmaster.pid", "\(folder.path)/.s.PGSQL.\(port).lock"] { _ = unsafe unlink(lock) }
    }

    package func pause() throws { for process in try processes() { StoppedProcess.stop(process) } }

    package func resume() throws { for process in try processes() { Glibc.kill(process, SIGCONT) } }

    package func dump() throws -> String {
        try Self.run("pg_dump", ["-h", folder.path, "-p", "\(port)", "-U", Self.superuser, Self.database])
    }

    // MARK: Details

    private func configure(_ options: DatabaseServerOptions) throws {
        var settings = [
            "listen_addresses": "127.0.0.1", "port": "\(port)", "unix_socket_directories": folder.path,
            "fsync": options.isDurable ? "on" : "off", "shared_buffers": "16MB", "max_connections": "20",
            "max_wal_senders": "0", "wal_level": "minimal", "min_wal_size": "2MB", "max_wal_size": "64MB",
            "ssl": options.speaksTLS ? "on" : "off", "log_statement": "all", "log_min_duration_statement": "0",
        ]
        if options.speaksTLS {
            settings["ssl_cert_file"] = "\(folder.path)/\(options.certificate).crt"
            settings["ssl_key_file"] = "\(folder.path)/\(options.certificate).key"
        }
        settings.merge(options.settings) { $1 }
        let lines = settings.map { "\($0.key) = '\($0.value)'\n" }.joined()
        try lines.write(toFile: "\(data)/postgresql.auto.conf", atomically: false, encoding: .utf8)
        let kind = options.speaksTLS ? "hostssl" : "host"
        try """
        local all \(Self.superuser) trust
        local all all scram-sha-256
        \(kind) all all 127.0.0.1/32 scram-sha-256
        """.appending("\n").write(toFile: "\(data)/pg_hba.conf", atomically: false, encoding: .utf8)
    }

    /// Debian's user for it.
    static let account = "postgres"

    /// Runs one of the programs of the newest installed version.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], input: String = "") throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let found = versions.compactMap(Int.init).sorted().last { version in
            FileManager.default.isExecutableFile(atPath: "\(root)/\(version)/bin/postgres")
        }
        guard let found else {
            throw ServerPrograms.Failed(
                description: "PostgreSQL's server is not installed: run scripts/install-dependencies.sh test"
            )
        }
        return try ServerPrograms.run("\(root)/\(found)/bin/\(program)", arguments, as: account, input: input)
    }

    /// The first process, which listens, and those that it started.
    private func processes() throws -> [pid_t] {
        let lines = try String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8).split(separator: "\n")
        guard let first = lines.first.flatMap({ pid_t($0) }) else {
            throw ServerPrograms.Failed(description: "the server does not run")
        }
        let children = try String(contentsOfFile: "/proc/\(first)/task/\(first)/children", encoding: .utf8)
        return [first] + children.split(separator: " ").compactMap { pid_t($0) }
    }

    /// Whether a process is one that only waits to be counted out by its parent.
    private static func isGone(_ process: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        return stat.split(separator: ")").last?.hasPrefix(" Z") ?? true
    }
}
