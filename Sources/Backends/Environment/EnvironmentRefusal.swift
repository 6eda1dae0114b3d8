package import SecretMemory

/// Why the environment is not accepted as a secrets manager.
package enum EnvironmentRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two variables of one source have the same key.
    case duplicate(key: String, variables: [String], source: String)
    /// A file cannot be used.
    case file(path: String, reason: String)
    /// There was no locked memory.
    case memory(MemoryError)

    package var description: String {
        switch self {
        case .duplicate(let key, let variables, let source):
            "\(source): \(variables.joined(separator: " and ")) are the same key \(key); remove one of them"
        case .file(let path, let reason): "\(path) \(reason)"
        case .memory(let error): "there is no locked memory for the secrets of the environment (\(error))"
        }
    }
}
