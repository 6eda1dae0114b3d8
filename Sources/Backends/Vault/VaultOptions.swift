internal import Configuration

/// How names become paths.
enum VaultLayout: String, ConfigurationChoice {
    /// TENANT/NAMESPACE/PARTS/KEY, as Kestra writes them.
    case tree
    /// Every secret directly below the prefix is a key, in each namespace: what others wrote.
    case flat
}

/// What the section of a Vault says, its log-in aside.
struct VaultOptions: Sendable {
    /// Scheme, host, port and any path before `/v1`, without a slash at its end.
    let server: String
    /// Of Vault Enterprise and OpenBao.
    let namespace: String?
    /// Of the KV engine: 1 or 2.
    let engineVersion: Int
    /// Where the engine is mounted; may have slashes within.
    let rootEngine: String
    /// For the flat layout; may have slashes within.
    let pathPrefix: String
    let layout: VaultLayout
    let isReadOnly: Bool
    /// Added to whatever is written.
    let tags: [String: String]
}
