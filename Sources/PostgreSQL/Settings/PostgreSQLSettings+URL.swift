package import Databases
package import SecretMemory

extension PostgreSQLSettings {
    /// Settings from a URL such as `jdbc:postgresql://db1,db2:5433/kestra?sslrootcert=/etc/ssl/db.pem`.
    ///
    /// - Parameters:
    ///   - allowsInsecureTransport: whether `sslmode` may ask for less than `verify-full`.
    /// - Throws: ``DatabaseError`` of kind `settings` that names the parameter.
    package init(
        url text: String,
        user: String,
        password: SharedSecret?,
        allowsInsecureTransport: Bool = false
    ) throws(DatabaseError) {
        let url = try DatabaseURL(text, schemes: ["postgresql", "postgres"], defaultPort: 5432)
        self.init(hosts: url.hosts, database: url.database, user: user, password: password)
        for (name, value) in url.parameters {
            try read(name, value, allowsInsecureTransport: allowsInsecureTransport)
        }
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw DatabaseURL.refused("needs both sslcert and sslkey, or neither of them")
        }
        guard isLoopbackOnly, let far = hosts.first(where: { !$0.mayBeLoopback }) else { return }
        throw DatabaseURL.refused(
            "asks for sslmode=disable, which is for this machine only (localhost or a Unix socket), not for \(far)"
        )
    }

    private mutating func read(
        _ name: String,
        _ value: String,
        allowsInsecureTransport: Bool
    ) throws(DatabaseError) {
        switch name {
        case "sslmode": protection = try Self.protection(value, allowsInsecureTransport)
        case "ssl":
            guard value == "true" else { throw DatabaseURL.refused("holds ssl=\(value); TLS is always on") }
        case "sslrootcert": authorityFile = try Self.path(name, value)
        case "sslcert": certificateFile = try Self.path(name, value)
        case "sslkey": keyFile = try Self.path(name, value)
        case "currentSchema": schema = try Self.identifier(name, value)
        case "ApplicationName": applicationName = try Self.text(name, value)
        case "connectTimeout", "loginTimeout": connectTimeout = .seconds(try Self.number(name, value, 1...300))
        case "socketTimeout": statementTimeout = .seconds(try Self.number(name, value, 1...300))
        case "targetServerType": role = try Self.role(value)
        case "user", "password":
            throw DatabaseURL.refused("holds the parameter \(name); use the keys for the user and the password")
        default:
            throw DatabaseURL.refused(
                """
                holds the unknown parameter \(name); known are sslmode, sslrootcert, sslcert, sslkey, currentSchema, \
                ApplicationName, connectTimeout, loginTimeout, socketTimeout and targetServerType
                """
            )
        }
    }

    private static func protection(_ mode: String, _ allowsLess: Bool) throws(DatabaseError) -> Protection {
        switch mode {
        case "verify-full": return .verifyFull
        case "disable": return .loopbackOnly
        case "verify-ca", "require":
            guard allowsLess else {
                throw DatabaseURL.refused(
                    """
                    asks for sslmode=\(mode), with which another host could pass for the database; \
                    use verify-full, or allow insecure transport
                    """
                )
            }
            return mode == "require" ? .encryptOnly : .verifyAuthority
        case "allow", "prefer":
            throw DatabaseURL.refused("asks for sslmode=\(mode), which falls back to clear text; use verify-full")
        default:
            throw DatabaseURL.refused("asks for sslmode=\(ServerText.printable(mode)), which does not exist")
        }
    }

    private static func role(_ value: String) throws(DatabaseError) -> Role {
        switch value {
        case "any": return .any
        case "primary", "master": return .primary
        case "secondary", "slave": return .standby
        default:
            throw DatabaseURL.refused(
                "asks for targetServerType=\(ServerText.printable(value)); possible are any, primary and secondary"
            )
        }
    }

    private static func path(_ name: String, _ value: String) throws(DatabaseError) -> String {
        guard value.hasPrefix("/") else { throw DatabaseURL.refused("needs a whole path for \(name)") }
        return value
    }

    private static func text(_ name: String, _ value: String) throws(DatabaseError) -> String {
        guard (1...63).contains(value.utf8.count) else {
            throw DatabaseURL.refused("needs 1 to 63 bytes for \(name)")
        }
        return value
    }

    private static func identifier(_ name: String, _ value: String) throws(DatabaseError) -> DatabaseIdentifier {
        guard let identifier = DatabaseIdentifier(value) else {
            throw DatabaseURL.refused(
                "needs one name of small letters, digits and _ (at most 63, no digit first) for \(name)"
            )
        }
        return identifier
    }

    private static func number(
        _ name: String,
        _ value: String,
        _ range: ClosedRange<Int>
    ) throws(DatabaseError) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw DatabaseURL.refused("needs seconds from \(range.lowerBound) to \(range.upperBound) for \(name)")
        }
        return number
    }
}
