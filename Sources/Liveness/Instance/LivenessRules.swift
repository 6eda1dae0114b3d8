/// By what an instance asks to be judged. Each publishes its own, so that slow and quick ones live side by side.
package struct LivenessRules: Sendable, Equatable {
    /// Whether it is ever taken for dead.
    package var isEnabled = true
    /// How often instances are looked at.
    package var interval = Duration.seconds(5)
    /// The silence after which it counts as disconnected.
    package var timeout = Duration.seconds(45)
    /// The age below which it is not judged.
    package var initialDelay = Duration.seconds(45)
    /// How often it beats; shorter than ``timeout``.
    package var heartbeatInterval = Duration.seconds(3)
    /// How long it may take to end, and how long after its disconnection it is given up.
    package var terminationGracePeriod = Duration.seconds(300)
    package var restartStrategy = RestartStrategy.afterTerminationGracePeriod

    package init() {}
}

/// When what a lost instance held goes to others, or is wiped.
package enum RestartStrategy: String, CaseIterable, Sendable {
    /// Never for being silent; only its own word ends it.
    case never = "NEVER"
    /// As soon as it counts as disconnected.
    case immediately = "IMMEDIATELY"
    /// Once it has been disconnected, or ending, for its termination grace period.
    case afterTerminationGracePeriod = "AFTER_TERMINATION_GRACE_PERIOD"
}
