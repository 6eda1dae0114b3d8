internal import Configuration
internal import Databases
internal import MariaDB
internal import PostgreSQL
internal import SecretMemory

/// The keys of `jdbc` that say where the database is and how it is spoken to.
struct JDBCSection {
    /// Of the URL, without `jdbc:`.
    private enum Kind {
        case postgreSQL
        case mariaDB
        case sqlite(path: String)
    }

    private static let defaultSchema: StaticString = "agent"
    private static let defaultTable: StaticString = "secret"
    private static let timeRange = Duration.milliseconds(100)...Duration.seconds(300)

    private let reader: ConfigurationReader
    /// Kestra's own connection, where it is that one.
    private let kestra: ConfigurationReader?
    private let url: String
    private let isReadOnly: Bool

    /// - Parameter kestra: the data source, which counts where the section says nothing.
    init(_ reader: ConfigurationReader, kestra: ConfigurationReader?, isReadOnly: Bool) {
        self.reader = reader
        self.kestra = kestra
        url = reader.optionalString("url") ?? kestra?.optionalString("url") ?? ""
        self.isReadOnly = isReadOnly
    }

    /// - Returns: nil where something is wrong, which the reader's problems then say.
    func read() -> JDBCDatabase? {
        guard let kind = kind() else {
            reader.ignore(Self.keysOfServers + ["maximum-size", "statement-timeout", "pool-size", "queue-limit"])
            return nil
        }
        switch kind {
        case .sqlite(let path): return .file(file(path))
        case .postgreSQL, .mariaDB:
            if reader.has("maximum-size") { reader.report("maximum-size", "is for SQLite only") }
            return server(kind).map(JDBCDatabase.server)
        }
    }

    private func kind() -> Kind? {
        var rest = Substring(url)
        if rest.hasPrefix("jdbc:") { rest = rest.dropFirst(5) }
        if rest.hasPrefix("postgresql:") || rest.hasPrefix("postgres:") { return .postgreSQL }
        if rest.hasPrefix("mysql:") || rest.hasPrefix("mariadb:") { return .mariaDB }
        if rest.hasPrefix("sqlite:") {
            let path = rest.dropFirst("sqlite:".count)
            return .sqlite(path: String(path.hasPrefix("//") ? path.dropFirst(2) : path))
        }
        let known = "jdbc:postgresql://HOST/DATABASE, jdbc:mysql://HOST/DATABASE or jdbc:sqlite:/PATH"
        if url.isEmpty {
            reader.report("url", "is missing: write \(known); or configure Kestra's datasources beside it")
        } else if rest.hasPrefix("h2:") {
            reader.report("url", "is an H2 database, which only Java programs can open; use jdbc:sqlite:/PATH instead")
        } else {
            reader.report("url", "is none of \(known)")
        }
        return nil
    }

    // MARK: A file

    private func file(_ path: String) -> SQLiteOptions {
        for key in Self.keysOfServers where reader.has(key) {
            reader.report(key, "is for PostgreSQL and MariaDB, not for a file")
        }
        if !path.hasPrefix("/") { reader.report("url", "needs the file's whole path: jdbc:sqlite:/PATH") }
        if path.contains("?") { reader.report("url", "takes no parameters for SQLite") }
        var options = SQLiteOptions(path: path)
        options.setting = "jdbc.url"
        options.isReadOnly = isReadOnly
        options.readers = reader.int("pool-size", default: options.readers, in: SQLiteOptions.readerRange)
        options.queueLimit = reader.int("queue-limit", default: options.queueLimit, in: Self.queueRange)
        options.busyTimeout = reader.duration("statement-timeout", default: options.busyTimeout, in: Self.timeRange)
        let sizes = SQLiteOptions.sizeRange
        options.maximumFileBytes = reader.byteSize("maximum-size", default: options.maximumFileBytes, in: sizes)
        return options
    }

    private static let queueRange = 1...10_000
    private static let keysOfServers = [
        "username", "password", "password-file", "ssl-mode", "ssl-root-cert", "ssl-cert", "ssl-key",
        "allow-insecure-transport", "schema", "table", "connect-timeout",
    ]

    // MARK: A server

    private func server(_ kind: Kind) -> JDBCOptions? {
        let username = reader.optionalString("username") ?? kestra?.optionalString("username") ?? ""
        if username.isEmpty { reader.report("username", "is missing") }
        let password = reader.optionalSecret("password") ?? kestra?.optionalSecret("password")
        let allowsLess = reader.bool("allow-insecure-transport", default: false)
        let schema = identifier("schema")
        let connectTimeout = reader.optionalDuration("connect-timeout", in: Self.timeRange)
        let statementTimeout = reader.optionalDuration("statement-timeout", in: Self.timeRange)
        let (server, usual): (JDBCOptions.Server, DatabaseIdentifier?)
        do throws(DatabaseError) {
            if case .postgreSQL = kind {
                var settings = try PostgreSQLSettings(
                    url: withParameters("sslmode", "sslrootcert", "sslcert", "sslkey"),
                    user: username,
                    password: password,
                    allowsInsecureTransport: allowsLess
                )
                settings.limit(connectTimeout, statementTimeout)
                if isReadOnly, !url.contains("targetServerType=") { settings.role = .any }
                usual = schema ?? settings.schema ?? DatabaseIdentifier(literal: Self.defaultSchema)
                server = .postgreSQL(settings)
            } else {
                var settings = try MariaDBSettings(
                    url: withParameters("sslMode", "sslCa", "sslCert", "sslKey"),
                    user: username,
                    password: password,
                    allowsInsecureTransport: allowsLess
                )
                settings.limit(connectTimeout, statementTimeout)
                if isReadOnly, !url.contains("targetServerType=") { settings.role = .any }
                // What others call a schema is a database there, and the URL has one.
                usual = schema
                server = .mariaDB(settings)
            }
        } catch {
            reader.report("url", error.message)
            reader.ignore(["table", "pool-size", "queue-limit"])
            return nil
        }
        let table = identifier("table") ?? DatabaseIdentifier(literal: Self.defaultTable)
        if DatabaseIdentifier(table.name + JDBCOptions.storeSuffix) == nil {
            reader.report("table", "is too long: \(JDBCOptions.storeSuffix) is put behind it for a second table")
        }
        var options = JDBCOptions(server: server, table: DatabaseTable(table, in: usual))
        options.isReadOnly = isReadOnly
        options.poolSize = reader.int("pool-size", default: options.poolSize, in: JDBCOptions.poolSizes)
        options.queueLimit = reader.int("queue-limit", default: options.queueLimit, in: Self.queueRange)
        return options
    }

    /// The URL with the keys for TLS as parameters under the driver's names.
    private func withParameters(_ mode: String, _ authority: String, _ certificate: String, _ key: String) -> String {
        var url = url
        for (name, parameter) in [
            ("ssl-mode", mode), ("ssl-root-cert", authority), ("ssl-cert", certificate), ("ssl-key", key),
        ] {
            guard let value = reader.optionalString(name) else { continue }
            let escaped = value.utf8.map { Self.isPlain($0) ? String(UnicodeScalar($0)) : Self.escaped($0) }.joined()
            url += (url.contains("?") ? "&" : "?") + "\(parameter)=\(escaped)"
        }
        return url
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte < 0x7f && byte > 0x20 && !"%&=#?@".utf8.contains(byte)
    }

    private static func escaped(_ byte: UInt8) -> String {
        "%" + String(UInt16(byte) + 0x100, radix: 16).dropFirst()
    }

    private func identifier(_ key: String) -> DatabaseIdentifier? {
        guard let text = reader.optionalString(key) else { return nil }
        guard let identifier = DatabaseIdentifier(text) else {
            reader.report(key, "must be 1 to 63 small letters, digits and underscores, no digit first")
            return nil
        }
        return identifier
    }
}

extension DatabaseSettings {
    /// Takes the limits that are configured.
    fileprivate mutating func limit(_ connect: Duration?, _ statement: Duration?) {
        if let connect { connectTimeout = connect }
        if let statement {
            statementTimeout = statement
            lockTimeout = statement / 2
        }
    }
}
