package import Databases
package import SecretMemory

/// Where a database is, and how it is spoken to.
package struct PostgreSQLSettings: DatabaseSettings {
    /// Which servers will do.
    package enum Role: Equatable, Sendable {
        case any
        /// One that takes writes.
        case primary
        /// One that follows another.
        case standby
    }

    /// What is demanded of a connection over TCP.
    package enum Protection: Equatable, Sendable {
        /// TLS with a certificate for the host's name from an authority that is trusted.
        case verifyFull
        /// TLS with a certificate from an authority that is trusted, for whatever name.
        case verifyAuthority
        /// TLS with anybody.
        case encryptOnly
        /// Clear text, to this machine only.
        case loopbackOnly
    }

    /// Tried in this order, the one that answered last first.
    package var hosts: [DatabaseHost]
    package var database: String
    package var user: String
    package var password: SharedSecret?
    package var role: Role = .primary
    package var protection: Protection = .verifyFull
    package var isLoopbackOnly: Bool { protection == .loopbackOnly }
    /// PEM with the authorities to trust; the system's own where there is none.
    package var authorityFile: String?
    /// PEM with a client certificate, and its key.
    package var certificateFile: String?
    package var keyFile: String?
    /// Where names without a schema are looked up.
    package var schema: DatabaseIdentifier?
    /// What the server shows as the connection's owner.
    package var applicationName = "tacit"
    /// How long one address may take to answer and to log in.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the server works on a statement before it gives up by itself.
    package var statementTimeout: Duration = .seconds(4)
    /// How long the server waits for a lock.
    package var lockTimeout: Duration = .seconds(2)

    package init(
        hosts: [DatabaseHost],
        database: String,
        user: String,
        password: SharedSecret? = nil
    ) {
        self.hosts = hosts
        self.database = database
        self.user = user
        self.password = password
    }
}
