import Foundation

/// A folder with certificates and a cluster that was never started, made once for each test program: servers begin as
/// copies of it.
struct ServerTemplate: Sendable {
    let folder: WatchedFolder

    static let shared = Result { try ServerTemplate() }

    private init() throws {
        folder = try WatchedFolder()
        try Self.certificates(in: folder.path)
        // Nobody logs in with it: the superuser comes over the Unix socket.
        try UUID().uuidString.write(toFile: "\(folder.path)/superuser", atomically: false, encoding: .utf8)
        try Self.own(folder.path)
        try ServerPrograms.run(
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
        try ServerPrograms.run("postgres", ["--single", "-D", "\(folder.path)/data", "postgres"], input: statements)
    }

    /// Gives what lies in a folder to the server's user.
    static func own(_ path: String) throws {
        guard ServerPrograms.needsOtherUser else { return }
        try ServerPrograms.runAny("/bin/chown", ["-R", ServerPrograms.otherUser, path])
        // The tests themselves may read what is public in it.
        try ServerPrograms.runAny("/bin/chmod", ["0755", path])
    }

    private static func certificates(in folder: String) throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for authority in ["ca", "other-ca"] {
            try openssl(
                ["req", "-x509", "-days", "30", "-subj", "/CN=\(authority)", "-keyout", "\(folder)/\(authority).key"]
                    + ["-out", "\(folder)/\(authority).crt", "-addext", "basicConstraints=critical,CA:TRUE"]
                    + ["-addext", "keyUsage=critical,keyCertSign,cRLSign"] + key
            )
        }
        for (name, subjects) in [
            ("server", "DNS:localhost,IP:127.0.0.1"), ("elsewhere", "DNS:elsewhere.example.org"),
        ] {
            let stem = "\(folder)/\(name)"
            let request = ["req", "-subj", "/CN=\(name)", "-keyout", "\(stem).key", "-out", "\(stem).csr"]
            try openssl(request + key)
            try "subjectAltName=\(subjects)\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
                .write(toFile: "\(stem).ext", atomically: false, encoding: .utf8)
            try openssl(
                ["x509", "-req", "-in", "\(stem).csr", "-CA", "\(folder)/ca.crt", "-CAkey", "\(folder)/ca.key"]
                    + ["-CAcreateserial", "-days", "30", "-extfile", "\(stem).ext", "-out", "\(stem).crt"]
            )
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(stem).key")
        }
    }

    private static func openssl(_ arguments: [String]) throws {
        try ServerPrograms.runAny("/usr/bin/openssl", arguments)
    }
}
