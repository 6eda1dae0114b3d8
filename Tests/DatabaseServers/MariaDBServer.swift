import Foundation
import Glibc
import Synchronization

/// A real MariaDB for tests, with data, certificates and a port of its own.
///
/// It ends with the last reference to it, and with the test program, however that ends.
package final class MariaDBServer: Sendable {
    package struct Options: Sendable {
        /// Whether it speaks TLS, and then only TLS.
        package var speaksTLS = true
        /// `server` is for localhost, `elsewhere` for another host.
        package var certificate = "server"
        /// Whether what it acknowledged is still there after a power cut. What only a killed process loses, nothing, does
        /// not need it.
        package var isDurable = false
        /// More lines for its configuration.
        package var settings: [String: String] = [:]

        package init() {}
    }

    /// Owns ``database`` and may do nothing else.
    package static let user = "agent"
    package static let password = "a-password-for-tests-only"
    package static let database = "tacit"
    private static let account = "mysql"

    package let port: Int
    private let folder: WatchedFolder
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

    /// Starts it, and waits until it can be used.
    package init(options: Options = Options()) throws {
        let template = try Self.template.get()
        folder = try WatchedFolder()
        try ServerPrograms.runAny("/bin/cp", ["-a", "\(template.path)/.", folder.path])
        port = try ServerFiles.freePort()
        try configure(options)
        try ServerFiles.give(folder.path, to: Self.account)
        try start()
    }

    deinit { try? kill() }

    /// One for all tests of a program that neither end nor reconfigure it.
    package static let shared = Result { try MariaDBServer() }

    // MARK: What it is reached with

    /// PEM with the authority that issued its certificate.
    package var authorityFile: String { "\(folder.path)/ca.crt" }
    /// PEM with an authority that has nothing to do with it.
    package var otherAuthorityFile: String { "\(folder.path)/other-ca.crt" }

    /// A URL as in configurations.
    package func url(host: String = "localhost", _ parameters: String...) -> String {
        let all = ["sslCa=\(authorityFile)"] + parameters
        return "jdbc:mysql://\(host):\(port)/\(Self.database)?\(all.joined(separator: "&"))"
    }

    /// Runs statements as the superuser.
    ///
    /// - Returns: the rows, one a line, columns separated by tabs.
    @discardableResult
    package func sql(_ statements: String, database: String = database) throws -> String {
        let output = try ServerPrograms.runAny(
            "/usr/bin/mariadb",
            ["--no-defaults", "--socket=\(folder.path)/socket", "-uroot", "-N", "-B", database],
            input: statements
        )
        return output.trimmingCharacters(in: .newlines)
    }

    // MARK: Its life

    /// Starts it again after it was stopped or killed.
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

    /// Shuts it down.
    package func stop() { end(SIGTERM) }

    package func restart() throws {
        stop()
        try start()
    }

    /// Kills it, and waits until it is gone.
    package func kill() throws { end(SIGKILL) }

    private func end(_ signal: CInt) {
        guard let child = child.withLock({ $0.take() }) else { return }
        Glibc.kill(child.identifier, signal)
        child.end()
    }

    /// Makes it hang: it keeps its connections, takes new ones, and answers nothing.
    package func pause() { child.withLock { if let child = $0 { StoppedProcess.stop(child.identifier) } } }

    package func resume() { child.withLock { if let child = $0 { Glibc.kill(child.identifier, SIGCONT) } } }

    /// What it wrote to its log.
    package func log() -> String { (try? String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)) ?? "" }

    /// The folder of its files.
    package var path: String { folder.path }

    /// The files of the server, its logs among them, in which a text stands.
    package func files(holding text: String) throws -> [String] { try ServerFiles.holding(text, in: folder.path) }

    /// The whole database as its own program writes it out.
    package func dump() throws -> String {
        try ServerPrograms.runAny(
            "/usr/bin/mariadb-dump",
            ["--no-defaults", "--socket=\(folder.path)/socket", "-uroot", Self.database]
        )
    }

    private func configure(_ options: Options) throws {
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
