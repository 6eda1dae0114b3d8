package import SecretMemory

/// What the agent takes from the root `kestra`.
package struct KestraSettings: Sendable {
    package var secret = SecretSettings()
    package var liveness = LivenessSettings()
    /// `kestra.server.termination-grace-period`.
    package var terminationGracePeriod = Duration.seconds(300)
    /// `kestra.server.worker-task-restart-strategy`.
    package var restartStrategy = RestartStrategyName.afterTerminationGracePeriod
    /// `kestra.server.service.purge`.
    package var purge = PurgeSettings()
    /// `kestra.encryption.secret-key`, as it is written; nil where there is none.
    package var encryptionKey: SharedSecret?
    /// `kestra.configurations.delete-files-on-start`.
    package var deleteFilesOnStart = false
    package var retries = RetrySettings()

    package init() {}
}

/// `kestra.server.liveness`.
package struct LivenessSettings: Sendable, Equatable {
    /// Whether an instance that is silent is judged.
    package var enabled = true
    /// How often instances are judged.
    package var interval = Duration.seconds(5)
    /// The silence after which an instance counts as disconnected.
    package var timeout = Duration.seconds(45)
    /// The age below which an instance is not judged.
    package var initialDelay = Duration.seconds(45)
    /// How often an instance says that it lives; shorter than `timeout`.
    package var heartbeatInterval = Duration.seconds(3)

    package init() {}
}

/// When what a lost instance held is given up.
package enum RestartStrategyName: String, ConfigurationChoice {
    case never = "NEVER"
    case immediately = "IMMEDIATELY"
    case afterTerminationGracePeriod = "AFTER_TERMINATION_GRACE_PERIOD"
}

/// `kestra.server.service.purge`: how finished instances are cleared out of the registry.
package struct PurgeSettings: Sendable, Equatable {
    /// How long a finished instance is kept.
    package var retention = Duration.seconds(30 * 86_400)
    /// The time before the first purge.
    package var initialDelay = Duration.seconds(60)
    /// The time from one purge to the next.
    package var fixedDelay = Duration.seconds(3600)

    package init() {}
}

/// `kestra.retries`: how calls to a manager are repeated.
package struct RetrySettings: Sendable, Equatable {
    /// Tries after the first, at least 0.
    package var attempts = 5
    /// The wait before the first of them.
    package var delay = Duration.seconds(1)
    /// By how much each wait is longer than the one before.
    package var multiplier = 2.0
    /// The longest wait; nil for no bound.
    package var maximumDelay: Duration?

    package init() {}
}
