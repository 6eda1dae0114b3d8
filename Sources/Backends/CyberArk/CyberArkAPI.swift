internal import Configuration

/// Which of CyberArk's products is asked.
enum CyberArkAPI: String, ConfigurationChoice {
    /// Privileged Access Manager, by the interface of its web access.
    case pvwa
    /// Conjur, which is also called Secrets Manager.
    case conjur
    /// The Central Credential Provider.
    case ccp

    /// Keys of a section that only this product has a meaning for.
    var ownKeys: [String] {
        switch self {
        case .pvwa: ["auth-type", "platform-id", "concurrent-session"]
        case .conjur: ["account", "policy-path", "api-key", "authenticator", "jwt-path", "manage-policy"]
        case .ccp: ["app-id", "folder"]
        }
    }

    /// Keys that several products share, and this one does not.
    var foreignKeys: [String] {
        switch self {
        case .pvwa: []
        case .conjur: ["safe", "reason"]
        case .ccp: ["username", "password"]
        }
    }
}
