package import Configuration
package import Secrets

/// Why there is no secrets manager for a section of the configuration.
package enum CatalogueError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No manager has this name.
    case unknown(type: String, nearest: String?)
    /// The section is wrong.
    case configuration(ConfigurationError)
    /// What the manager found does not let it start.
    case refused(type: String, reason: String)
    /// It could not be made.
    case failed(BackendError)

    package var description: String {
        switch self {
        case .unknown(let type, let nearest):
            "\"\(KeySpelling.printable(type))\" is not a secrets manager that is known here"
                + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
        case .configuration(let error): "\(error)"
        case .refused(let type, let reason): "\(type): \(reason)"
        case .failed(let error): "\(error)"
        }
    }
}
