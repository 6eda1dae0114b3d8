/// What is to become of a secret, from what was found out about it.
package enum Verdict: Equatable, Sendable {
    /// The target has none of this name.
    case new
    /// The target has it as it is.
    case equal
    /// The target has another value.
    case differentValue
    /// The target has the value, with another description or other tags.
    case differentMetadata
    /// An earlier run copied and verified it.
    case carriedBefore
    /// It was listed, and has gone since.
    case vanished
    /// It cannot be carried over, for this reason.
    case refused(String)

    /// Whether it is written, once the plan is carried out.
    ///
    /// - Parameter wasBegun: whether an earlier run began to write it, so that a part of it may be missing.
    package func isWritten(_ existing: MigrationOptions.Existing, wasBegun: Bool) -> Bool {
        switch self {
        case .new: true
        case .differentValue: existing == .overwrite
        case .differentMetadata: existing == .overwrite || wasBegun
        case .equal, .carriedBefore, .vanished, .refused: false
        }
    }

    /// Whether a person must decide before anything is written.
    package func isConflict(_ existing: MigrationOptions.Existing, wasBegun: Bool) -> Bool {
        switch self {
        case .differentValue: existing == .refuse
        case .differentMetadata: existing == .refuse && !wasBegun
        default: false
        }
    }
}
