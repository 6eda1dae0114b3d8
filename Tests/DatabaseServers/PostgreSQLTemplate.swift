import Foundation

/// A folder with certificates and a cluster that was never started, made once for each test program: servers begin as
/// copies of it.
struct PostgreSQLTemplate: Sendable {
    let folder: WatchedFolder

    static let shared = Result { try PostgreSQLTemplate() }

    private init() throws {
        folder = try WatchedFolder()
        try ServerFiles.makeCertificates(in: folder.path)
        // Nobody logs in with it: the superuser comes over the Unix socket.
        try UUID().uuidString.write(toFile: "\(folder.path)/superuser", atomically: false, encoding: .utf8)
        try ServerFiles.give(folder.path, to: PostgreSQLServer.account)
        try PostgreSQLServer.run(
            "initdb",
            [
                "-D", "\(folder.path)/data", "-U", PostgreSQLServer.superuser, "--auth=scram-sha-256", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions", "--wal-segsize=1",
                "--pwfile=\(folder.path)/superuser",
            ]
        )
        let statements = """
            CREATE ROLE \(PostgreSQLServer.user) LOGIN PASSWORD '\(PostgreSQLServer.password)';
            CREATE DATABASE \(PostgreSQLServer.database) OWNER \(PostgreSQLServer.user);
            """
        try PostgreSQLServer.run("postgres", ["--single", "-D", "\(folder.path)/data", "postgres"], input: statements)
    }
}
