internal import Configuration
internal import Liveness
internal import Registry

/// From what was configured to what the domain works with.
extension LivenessRules {
    init(_ settings: KestraSettings) {
        self.init()
        isEnabled = settings.liveness.enabled
        interval = settings.liveness.interval
        timeout = settings.liveness.timeout
        initialDelay = settings.liveness.initialDelay
        heartbeatInterval = settings.liveness.heartbeatInterval
        terminationGracePeriod = settings.terminationGracePeriod
        restartStrategy = RestartStrategy(rawValue: settings.restartStrategy.rawValue) ?? restartStrategy
    }
}

extension RegistryMember.Purge {
    init(_ settings: PurgeSettings) {
        self.init()
        retention = settings.retention
        initialDelay = settings.initialDelay
        delay = settings.fixedDelay
    }
}
