package import Databases
package import SecretMemory

extension MariaDBSettings {
    /// Settings from a URL such as `jdbc:mysql://db1,db2:3307/kestra?sslCa=/etc/ssl/db.pem`.
    ///
    /// - Parameter allowsInsecureTransport: whether `sslMode=disable` may lead to other machines.
    /// - Throws: ``DatabaseError`` of kind `settings` that names the parameter.
    package init(
        url text: String,
        user: String,
        password: SharedSecret?,
        allowsInsecureTransport: Bool = false
    ) throws(DatabaseError) {
        let url = try DatabaseURL(text, schemes: ["mysql", "mariadb"], defaultPort: 3306)
        self.init(hosts: url.hosts, database: url.database, user: user, password: password)
        for (name, value) in url.parameters { try read(name, value, allowsInsecureTransport) }
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw DatabaseURL.refused("needs both sslCert and sslKey, or neither of them")
        }
        if let socket = hosts.first(where: \.isUnixSocket) {
            throw DatabaseURL.refused("names the Unix socket \(socket.name), which is not possible here; use localhost")
        }
        guard isLoopbackOnly, let far = hosts.first(where: { !$0.mayBeLoopback }) else { return }
        throw DatabaseURL.refused("asks for sslMode=disable, which is for localhost only, not for \(far)")
    }

    private mutating func read(_ name: String, _ value: String, _ allowsLess: Bool) throws(DatabaseError) {
        switch name {
        case "sslMode":
            switch value.lowercased() {
            case "verify-full", "verify_identity": protection = .verifyFull
            case "disable", "disabled": protection = allowsLess ? .clearText : .loopbackOnly
            default:
                throw DatabaseURL.refused(
                    "asks for sslMode=\(ServerText.printable(value)); possible are verify-full and disable"
                )
            }
        case "sslCa", "serverSslCert": authorityFile = try Self.path(name, value)
        case "sslCert": certificateFile = try Self.path(name, value)
        case "sslKey": keyFile = try Self.path(name, value)
        case "connectTimeout": connectTimeout = try Self.milliseconds(name, value)
        case "socketTimeout": statementTimeout = try Self.milliseconds(name, value)
        case "targetServerType":
            switch value {
            case "any": role = .any
            case "primary": role = .primary
            default: throw DatabaseURL.refused("has a targetServerType other than any and primary")
            }
        case "user", "password":
            throw DatabaseURL.refused("holds the parameter \(name); use the keys for the user and the password")
        default:
            throw DatabaseURL.refused(
                """
                holds the unknown parameter \(name); known are sslMode, sslCa, serverSslCert, sslCert, sslKey, \
                connectTimeout, socketTimeout and targetServerType
                """
            )
        }
    }

    private static func path(_ name: String, _ value: String) throws(DatabaseError) -> String {
        guard value.hasPrefix("/") else { throw DatabaseURL.refused("needs a whole path for \(name)") }
        return value
    }

    private static func milliseconds(_ name: String, _ value: String) throws(DatabaseError) -> Duration {
        guard let number = Int(value), (100...300_000).contains(number) else {
            throw DatabaseURL.refused("needs milliseconds from 100 to 300000 for \(name)")
        }
        return .milliseconds(number)
    }
}
