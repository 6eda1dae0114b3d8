import Foundation
import Glibc

/// A real PostgreSQL for tests, with data, certificates and a port of its own.
///
/// It ends with the last reference to it, and with the test program, however that ends.
package final class PostgreSQLServer: Sendable {
    package struct Options: Sendable {
        /// Whether it speaks TLS, and then only TLS.
        package var speaksTLS = true
        /// `server` is for localhost, `elsewhere` for another host.
        package var certificate = "server"
        /// Whether what it acknowledged is still there after a power cut. What only a killed process loses, nothing, does
        /// not need it.
        package var isDurable = false
        /// Lines for its configuration.
        package var settings: [String: String] = [:]

        package init() {}
    }

    package static let superuser = "pgadmin"
    /// Owns ``database`` and may do nothing else.
    package static let user = "agent"
    package static let password = "a-password-for-tests-only"
    package static let database = "tacit"

    package let port: Int
    private let folder: WatchedFolder
    private var data: String { "\(folder.path)/data" }

    /// Starts it, and waits until it can be used. Takes about half a second, the first time two.
    package init(options: Options = Options()) throws {
        let template = try ServerTemplate.shared.get()
        folder = try WatchedFolder()
        try ServerPrograms.runAny("/bin/cp", ["-a", "\(template.folder.path)/.", folder.path])
        port = try Self.freePort()
        try configure(options)
        try ServerTemplate.own(folder.path)
        try start()
    }

    /// One for all tests of a program that neither end nor reconfigure it.
    package static let shared = Result { try PostgreSQLServer() }

    // MARK: What it is reached with

    /// PEM with the authority that issued its certificate.
    package var authorityFile: String { "\(folder.path)/ca.crt" }
    /// PEM with an authority that has nothing to do with it.
    package var otherAuthorityFile: String { "\(folder.path)/other-ca.crt" }
    /// The folder of its Unix socket.
    package var socketFolder: String { folder.path }

    /// A URL as in configurations.
    ///
    /// - Parameters:
    ///   - host: what to call it.
    ///   - parameters: more of them, such as `currentSchema=a`.
    package func url(host: String = "localhost", _ parameters: String...) -> String {
        let all = ["sslrootcert=\(authorityFile)"] + parameters
        return "jdbc:postgresql://\(host):\(port)/\(Self.database)?\(all.joined(separator: "&"))"
    }

    /// Runs statements as the superuser.
    ///
    /// - Returns: the rows, one a line, columns separated by "|".
    @discardableResult
    package func sql(_ statements: String, database: String = database) throws -> String {
        let place = "host=\(folder.path) port=\(port) user=\(Self.superuser) dbname=\(database)"
        let output = try ServerPrograms.run(
            "psql",
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", place, "-f", "-"],
            input: statements
        )
        return output.trimmingCharacters(in: .newlines)
    }

    // MARK: Its life

    /// Starts it again after it was stopped or killed.
    package func start() throws {
        do {
            try ServerPrograms.run("pg_ctl", ["-D", data, "-l", "\(folder.path)/log", "-w", "-t", "60", "-s", "start"])
        } catch {
            throw ServerPrograms.Failed(description: "\(error)\n\(log())")
        }
    }

    /// Ends its sessions and shuts it down.
    package func stop() throws { try ServerPrograms.run("pg_ctl", ["-D", data, "-m", "fast", "-w", "-s", "stop"]) }

    package func restart() throws {
        try stop()
        try start()
    }

    /// Kills all its processes at once, and waits until they are gone.
    package func kill() throws {
        let all = try processes()
        for process in all { Glibc.kill(process, SIGKILL) }
        for process in all { while Glibc.kill(process, 0) == 0, !Self.isGone(process) { usleep(2000) } }
        // Where nobody counts out the first process, its number stays taken, and the next start would believe that it runs.
        for lock in ["\(data)/postmaster.pid", "\(folder.path)/.s.PGSQL.\(port).lock"] { _ = unsafe unlink(lock) }
    }

    /// Makes it hang: it keeps its connections, takes new ones, and answers nothing.
    package func pause() throws { for process in try processes() { Glibc.kill(process, SIGSTOP) } }

    package func resume() throws { for process in try processes() { Glibc.kill(process, SIGCONT) } }

    /// What it wrote to its log.
    package func log() -> String { (try? String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)) ?? "" }

    // MARK: Details

    private func configure(_ options: Options) throws {
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

    /// The server cannot choose a port itself, so one outside the range that the kernel gives away is looked for.
    private static func freePort() throws -> Int {
        for _ in 0..<50 {
            let port = Int.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
            }
            if code == 0 { return port }
        }
        throw ServerPrograms.Failed(description: "no free port")
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
