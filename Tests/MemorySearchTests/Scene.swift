import Foundation

/// An agent with stores and the environment for its managers, and the secrets that its configuration holds.
final class Scene: Sendable {
    /// How long the agent keeps a value.
    static let lifetime = Duration.seconds(10)

    let workspace: Workspace

    /// Secrets of the configuration, which the agent may keep in the arena for as long as it runs.
    let configured: [Canary]
    /// Values that stand Base64-encoded in the process's environment and in a file of that form. They may stay so in the
    /// arena, and plain only for as long as they are cached.
    let environment = Canary.many(8, "environment")
    let environmentFile = Canary.many(10_000, "environment file")

    private let storeSecret = Canary("store secret, inline")
    private let previousSecret = Canary("previous store secret, inline and escaped")
    private let otherStoreSecret = Canary("store secret, from a variable")
    private let encryptionKey = Canary("encryption key, in a document of the environment")

    init() throws {
        configured = [storeSecret, previousSecret, otherStoreSecret, encryptionKey]
        workspace = try Workspace()
        try workspace.write("agent.yaml", configuration)
        let lines = environmentFile.map { "\(Self.variable($0))=\(Self.base64($0))\n" }
        try workspace.write("secrets.env", lines.joined())
    }

    func path(_ name: String) -> String { workspace.path(name) }

    /// Everything that the agent writes.
    var writtenFiles: [String] {
        let stores = ["store.db", "store.db-wal", "store.db-shm", "other.db", "other.db-wal", "other.db-shm"]
        return workspace.writtenFiles + stores.map(path)
    }

    /// The agent's environment.
    var variables: [String: String] {
        var variables = workspace.variables
        variables["STORE_SECRET"] = otherStoreSecret.text
        variables["KESTRA_CONFIGURATION"] = "kestra:\n  encryption:\n    secret-key: '\(encryptionKey.text)'\n"
        for canary in environment { variables[Self.variable(canary)] = Self.base64(canary) }
        return variables
    }

    /// The key under which a canary of the environment is asked for.
    static func key(_ canary: Canary) -> String { canary.name.replacing(" ", with: "_").uppercased() }

    private static func variable(_ canary: Canary) -> String { "SECRET_" + key(canary) }

    private static func base64(_ canary: Canary) -> String { Data(canary.bytes).base64EncodedString() }

    private var configuration: String {
        let cache = "cache: {maximum-size: 20000, expire-after-write: \(Self.lifetime.components.seconds)s}"
        let escaped = previousSecret.text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let other = "{path: '\(path("other.db"))', secret: '${STORE_SECRET}'}"
        return workspace.configuration(
            scopes: [
                ("company.environment", "{type: env, env: {files: ['\(path("secrets.env"))']}, \(cache)}"),
                ("company.other", "{type: sqlite, sqlite: \(other), \(cache)}"),
            ],
            kestra: [
                "secret:",
                "  type: sqlite",
                "  sqlite:",
                "    path: \(path("store.db"))",
                "    secret: '\(storeSecret.text)'",
                "    previous-secrets: [\"\(escaped)\"]",
                "  \(cache)",
                "  isolation:",
                "    enabled: true",
            ]
        )
    }
}
