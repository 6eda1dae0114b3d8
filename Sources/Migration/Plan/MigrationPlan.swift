internal import Secrets

/// What would be done, and what stands against it. Nothing has been written when it is made.
package struct MigrationPlan: Sendable {
    package let secrets: [PlannedSecret]
    package let options: MigrationOptions

    init(_ secrets: [PlannedSecret], _ options: MigrationOptions) {
        self.secrets = secrets
        self.options = options
    }

    /// How many are planned so.
    package struct Counts: Equatable, Sendable {
        package var new = 0
        package var equal = 0
        package var different = 0
        package var carriedBefore = 0
        package var refused = 0
        package var vanished = 0
        package var total: Int { new + equal + different + carriedBefore + refused + vanished }
    }

    package var counts: Counts {
        secrets.reduce(into: Counts()) { counts, secret in
            switch secret.verdict {
            case .new: counts.new += 1
            case .equal: counts.equal += 1
            case .differentValue, .differentMetadata: counts.different += 1
            case .carriedBefore: counts.carriedBefore += 1
            case .refused: counts.refused += 1
            case .vanished: counts.vanished += 1
            }
        }
    }

    /// What the target has with other content, which nobody said what to do with.
    package var conflicts: [PlannedSecret] {
        secrets.filter { $0.verdict.isConflict(options.existing, wasBegun: $0.wasBegun) }
    }

    /// What would lose its description or tags, although these are to be carried over.
    package var losing: [PlannedSecret] { secrets.filter { isWritten($0) && !$0.lost.isEmpty } }

    package var refused: [PlannedSecret] {
        secrets.filter { if case .refused = $0.verdict { true } else { false } }
    }

    /// What is to be written.
    package var written: [PlannedSecret] { secrets.filter(isWritten) }

    /// Whether a person must decide first.
    package var isBlocked: Bool { !conflicts.isEmpty || !losing.isEmpty }

    private func isWritten(_ secret: PlannedSecret) -> Bool {
        secret.verdict.isWritten(options.existing, wasBegun: secret.wasBegun)
    }
}
