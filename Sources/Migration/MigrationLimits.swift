/// Bounds of a migration, each with its default.
package struct MigrationLimits: Sendable {
    /// Secrets that are listed; their names and metadata are held in memory.
    package var secrets = 200_000
    /// Secrets that are under way at the same time. The budgets of both managers may allow fewer.
    package var breadth = 16
    /// Entries of a page that is asked for.
    package var page = 500
    /// How long a secret's call may take, waiting for its turn and all tries included.
    package var patience = Duration.seconds(300)
    /// How often a value is written where it is unknown whether the write arrived.
    package var writes = 3
    /// How long secrets that are under way may take after the migration was told to stop.
    package var grace = Duration.seconds(5)

    package init() {}
}
