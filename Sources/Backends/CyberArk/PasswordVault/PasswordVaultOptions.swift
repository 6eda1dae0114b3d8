internal import Configuration

/// How a user of the vault proves who it is.
enum PasswordVaultAuthentication: String, ConfigurationChoice {
    case cyberArk = "CyberArk"
    case ldap = "LDAP"
    case radius = "RADIUS"
    case windows = "Windows"
}

/// What the section of a Privileged Access Manager says, its log-on aside.
struct PasswordVaultOptions: Sendable {
    /// Up to and with `/PasswordVault`.
    let server: String
    let names: AccountNames
    /// Of new accounts; nil: nothing can be written.
    let platform: String?
    /// Said with each password that is read, for the vault's own audit.
    let reason: String?
    let isReadOnly: Bool
    /// Added to whatever is written.
    let tags: [String: String]

    /// The vault publishes no bound of a password; this is what its pages carry.
    static let maximumValueBytes = 4096

    var isWritable: Bool { !isReadOnly && names.safe != nil && platform != nil }
}
