extension KestraSettings {
    /// Reads the keys of the root `kestra` that concern the agent; the others are not looked at here.
    init(_ reader: ConfigurationReader, catalogue: SectionCatalogue, notes: ConfigurationNotes) {
        secret = SecretSettings(reader.nested("secret"), catalogue: catalogue, notes: notes)
        let server = reader.nested("server")
        terminationGracePeriod = server.duration("termination-grace-period", default: terminationGracePeriod)
        liveness = LivenessSettings(
            server.nested("liveness"),
            legacy: reader.nested("heartbeat"),
            notes: notes
        )
        restartStrategy = server.choice("worker-task-restart-strategy", default: restartStrategy)
        let service = server.nested("service")
        purge = PurgeSettings(service.nested("purge"))
        let encryption = reader.nested("encryption")
        encryptionKey = encryption.optionalSecret("secret-key")
        encryption.finish()
        let configurations = reader.nested("configurations")
        deleteFilesOnStart = configurations.bool("delete-files-on-start", default: deleteFilesOnStart)
        configurations.finish()
        retries = RetrySettings(reader.nested("retries"))
    }
}

extension LivenessSettings {
    /// - Parameter legacy: `kestra.heartbeat`, which counts where there is no `kestra.server.liveness`.
    init(_ reader: ConfigurationReader, legacy: ConfigurationReader, notes: ConfigurationNotes) {
        let range = Duration.milliseconds(10)...DurationText.longest
        enabled = reader.bool("enabled", default: enabled)
        interval = reader.duration("interval", default: interval, in: range)
        timeout = reader.duration("timeout", default: timeout, in: range)
        initialDelay = reader.duration("initial-delay", default: initialDelay)
        heartbeatInterval = reader.duration("heartbeat-interval", default: heartbeatInterval, in: range)
        let frequency = legacy.duration("frequency", default: .seconds(10), in: .milliseconds(10) ... .seconds(86_400))
        let missed = legacy.int("heartbeat-missed", default: 3, in: 2...1000)
        if legacy.isPresent {
            if !reader.isPresent {
                heartbeatInterval = frequency
                timeout = frequency * missed
            }
            notes.warn(
                reader.isPresent
                    ? "is not used beside kestra.server.liveness"
                    : "is an old form; write kestra.server.liveness.heartbeat-interval and .timeout",
                at: legacy.origin,
                path: legacy.path
            )
        }
        if heartbeatInterval >= timeout { reader.report("heartbeat-interval", "must be shorter than timeout") }
        reader.finish()
        legacy.finish()
    }
}

extension PurgeSettings {
    init(_ reader: ConfigurationReader) {
        let range = Duration.milliseconds(100)...DurationText.longest
        retention = reader.duration("retention", default: retention)
        initialDelay = reader.duration("initial-delay", default: initialDelay)
        fixedDelay = reader.duration("fixed-delay", default: fixedDelay, in: range)
        reader.finish()
    }
}

extension RetrySettings {
    init(_ reader: ConfigurationReader) {
        attempts = reader.int("attempts", default: attempts, in: 0...100)
        delay = reader.duration("delay", default: delay, in: .zero ... .seconds(3600))
        multiplier = reader.number("multiplier", default: multiplier, in: 1...100)
        maximumDelay = reader.duration("max-delay", defaultOrOff: maximumDelay, in: .zero ... .seconds(86_400))
        reader.finish()
    }
}
