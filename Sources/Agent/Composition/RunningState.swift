internal import Configuration

/// What is in force now; used by the thread that serves signals alone.
final class RunningState {
    /// What the parts were made with that a reload does not make anew.
    let atStart: AgentSettings
    var settings: AgentSettings {
        didSet {
            if settings.tls != oldValue.tls { certificateWatch = FileWatch(Self.paths(settings.tls)) }
        }
    }
    var snapshot: Snapshot
    var configurationWatch: FileWatch
    var certificateWatch: FileWatch

    init(settings: AgentSettings, snapshot: Snapshot) {
        atStart = settings
        self.settings = settings
        self.snapshot = snapshot
        configurationWatch = FileWatch([])
        certificateWatch = FileWatch(Self.paths(settings.tls))
    }

    func watch(_ files: [String]) {
        configurationWatch = FileWatch(files)
        certificateWatch = FileWatch(Self.paths(settings.tls))
    }

    private static func paths(_ settings: TLSSettings) -> [String] {
        [settings.certificate, settings.privateKey, settings.clientCA, settings.revocationList].compactMap { $0 }
    }
}
