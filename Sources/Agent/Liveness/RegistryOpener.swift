internal import Configuration
internal import Databases
internal import Liveness
internal import PostgreSQL
internal import Registry
internal import SecretMemory
internal import Secrets

/// Makes the registry that is configured.
enum RegistryOpener {
    /// Opens nothing yet: a registry that is away must not keep the agent from starting.
    ///
    /// - Returns: nil where none is configured.
    static func open(_ settings: AgentSettings) throws(AgentFailure) -> (any InstanceRegistry)? {
        let registry = settings.registry
        switch registry.type {
        case .none: return nil
        case .sqlite: return SQLiteRegistry(path: registry.path ?? "")
        case .postgresql: return try database(registry)
        }
    }

    private static func database(_ registry: RegistrySettings) throws(AgentFailure) -> any InstanceRegistry {
        #if PostgreSQL
            do throws(DatabaseError) {
                let settings = try PostgreSQLSettings(
                    url: registry.url ?? "",
                    user: registry.username ?? "",
                    password: registry.password,
                    allowsInsecureTransport: registry.allowInsecureTransport
                )
                return PostgreSQLRegistry(settings)
            } catch { throw AgentFailure("tacit.registry: \(error)") }
        #else
            throw AgentFailure(
                "tacit.registry.type: this agent was built without PostgreSQL; use sqlite, or another build"
            )
        #endif
    }
}

extension RegistrySettings {
    /// Whether the same registry is meant.
    func isLike(_ other: RegistrySettings) -> Bool {
        let isSamePlace = type == other.type && path == other.path && url == other.url
        let isSameLogin = username == other.username && allowInsecureTransport == other.allowInsecureTransport
        switch (password, other.password) {
        case (nil, nil): return isSamePlace && isSameLogin
        case (let left?, let right?):
            let isSameWord = left.withBytes { left in right.withBytes { right in left.equals(right) } }
            return isSamePlace && isSameLogin && isSameWord
        default: return false
        }
    }
}
