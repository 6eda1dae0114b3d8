import Foundation
import Glibc
import Synchronization

/// A real MariaDB.
package final class MariaDBServer: DatabaseServer {
    package static let scheme = "jdbc:mysql"
    package static let authorityParameter = "sslCa"
    private static let account = "mysql"

    package let port: Int
    private let folder: WatchedFolder
    package var path: String { folder.path }
    private let child = Mutex<Child?>(nil)

    /// A folder with certificates and tables that no server has used, made once for each test program.
    private static let template = Result { () throws -> WatchedFolder in
        let folder = try WatchedFolder()
        try ServerFiles.makeCertificates(in: folder.path)
        try ServerFiles.give(folder.path, to: account)
        try ServerPrograms.run(
            "/usr/bin/mariadb-install-db",
            [
                "--no-defaults", "--datadir=\(folder.path)/data", "--auth-root-authentication-method=normal",
                "--skip-test-db", "--innodb-log-file-size=4M",
            ],
            as: account
        )
        return folder
    }

    package init(options: DatabaseServerOptions = DatabaseServerOptions()) throws {
        folder = try WatchedFolder(copyOf: Self.template.get())
        port = try ServerFiles.freePort()
        try configure(options)
        try ServerFiles.give(folder.path, to: Self.account)
        try start()
    }

    deinit { try? kill() }

    /// One for all tests of a program that neither end nor reconfigure it.
    package static let shared = Result { try MariaDBServer() }

    @discardableResult
    package func sql(_ statements: String, database: String) throws -> String {
        let output = try ServerPrograms.runAny(
            "/usr/bin/mariadb",
            ["--no-defaults", "--socket=\(folder.path)/socket", "-uroot", "-N", "-B", database],
            input: statements
        )
        return output.trimmingCharacters(in: .newlines)
    }

    // MARK: Its life

    package func start() throws {
        let started = try ServerPrograms.start(
            "/usr/sbin/mariadbd",
            ["--defaults-file=\(folder.path)/my.cnf"],
            as: Self.account
        )
        child.withLock { $0 = started }
        let end = ContinuousClock.now.advanced(by: .seconds(60))
        // It tells nobody but systemd when it is ready.
        while (try? sql("SELECT 1", database: "mysql")) != "1" {
            guard ContinuousClock.now < end else {
                throw ServerPrograms.Failed(description: "MariaDB does not start: \(log())")
            }
            usleep(50_000)
        }
    }

    package func stop() { end(SIGTERM) }

    package func kill() throws { end(SIGKILL) }

    private func end(_ signal: CInt) {
        guard let child = child.withLock({ $0.take() }) else { return }
        Glibc.kill(child.identifier, signal)
        child.end()
    }

    package func pause() { child.withLock { if let child = $0 { StoppedProcess.stop(child.identifier) } } }

    package func resume() { child.withLock { if let child = $0 { Glibc.kill(child.identifier, SIGCONT) } } }

    package func dump() throws -> String {
        try ServerPrograms.runAny(
            "/usr/bin/mariadb-dump",
            ["--no-defaults", "--socket=\(folder.path)/socket", "-uroot", Self.database]
        )
    }

    private func configure(_ options: DatabaseServerOptions) throws {
        var settings = [
            "datadir": "\(folder.path)/data", "socket": "\(folder.path)/socket",
            "pid-file": "\(folder.path)/server.pid",
            "log-error": "\(folder.path)/log", "bind-address": "127.0.0.1", "port": "\(port)", "local-infile": "0",
            "skip-name-resolve": "1", "innodb-log-file-size": "4M", "innodb-buffer-pool-size": "16M",
            "performance-schema": "0", "init-file": "\(folder.path)/init.sql",
            "innodb-flush-log-at-trx-commit": options.isDurable ? "1" : "2",
        ]
        if options.speaksTLS {
            settings["ssl-ca"] = "\(folder.path)/ca.crt"
            settings["ssl-cert"] = "\(folder.path)/\(options.certificate).crt"
            settings["ssl-key"] = "\(folder.path)/\(options.certificate).key"
            settings["require-secure-transport"] = "ON"
        } else {
            settings["ssl"] = "0"
        }
        settings.merge(options.settings) { $1 }
        let lines = settings.map { "\($0.key)=\($0.value)\n" }.joined()
        try "[mariadbd]\n\(lines)".write(toFile: "\(folder.path)/my.cnf", atomically: false, encoding: .utf8)
        try """
        CREATE DATABASE IF NOT EXISTS \(Self.database);
        CREATE USER IF NOT EXISTS '\(Self.user)'@'%' IDENTIFIED BY '\(Self.password)';
        GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON \(Self.database).* TO '\(Self.user)'@'%';
        """.appending("\n").write(toFile: "\(folder.path)/init.sql", atomically: false, encoding: .utf8)
    }
}
