/// How far a migration is.
package struct MigrationProgress: Equatable, Sendable {
    package enum Phase: String, Sendable {
        case listing
        case comparing
        case copying
    }

    package let phase: Phase
    package let done: Int
    /// nil where nobody knows.
    package let total: Int?

    package init(phase: Phase, done: Int, total: Int?) {
        self.phase = phase
        self.done = done
        self.total = total
    }
}
