internal import Configuration

/// One of the separate worlds of Azure, each with its own vaults and its own authority.
enum AzureCloud: String, ConfigurationChoice {
    case global = "public"
    case china
    case usGovernment = "us-government"

    /// The cloud of a vault's host; nil for private names, and for clouds that are not known here.
    init?(host: String) {
        guard let found = Self.allCases.first(where: { host.hasSuffix(".\($0.vaultSuffix)") }) else { return nil }
        self = found
    }

    /// What follows a vault's name.
    var vaultSuffix: String {
        switch self {
        case .global: "vault.azure.net"
        case .china: "vault.azure.cn"
        case .usGovernment: "vault.usgovcloudapi.net"
        }
    }

    /// What a token for its vaults is asked for. A slash at its end would make another audience of it.
    var resource: String { "https://\(vaultSuffix)" }

    /// Who gives its tokens.
    var authority: String {
        switch self {
        case .global: "https://login.microsoftonline.com"
        case .china: "https://login.chinacloudapi.cn"
        case .usGovernment: "https://login.microsoftonline.us"
        }
    }
}
