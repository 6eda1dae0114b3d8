/// What to do, as it was asked for.
package struct MigrationOptions: Sendable {
    /// What becomes of a secret that is at the target with other content.
    package enum Existing: Sendable {
        /// Nothing is written at all, so that a person can decide.
        case refuse
        case overwrite
        case skip
    }

    package var existing = Existing.refuse
    /// Whether descriptions and tags are carried over and compared.
    package var carriesMetadata = true
    package var limits = MigrationLimits()

    package init() {}
}
