package import Secrets

/// Which of the two configurations something is about.
package enum MigrationSide: String, Sendable {
    case source
    case target
}

/// Why a migration cannot go on.
package enum MigrationFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// It cannot be done as it was asked for.
    case refused(String)
    /// A manager does not do its part; `scope` names it.
    case manager(MigrationSide, scope: String, BackendError)
    case journal(JournalFailure)
    /// It was told to stop.
    case stopped

    /// Whether the same may succeed later.
    package var mayPass: Bool {
        if case .manager(_, _, let error) = self { error.mayPass } else { false }
    }

    package var description: String {
        switch self {
        case .refused(let reason): reason
        case .manager(let side, let scope, let error):
            "the \(side.rawValue)'s manager of scope \(scope): \(error.words)"
        case .journal(let failure): failure.description
        case .stopped: "it was told to stop"
        }
    }
}
