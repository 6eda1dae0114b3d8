internal import Configuration
internal import Glibc
internal import Logging
internal import Synchronization

/// The operator's log: lines on standard error, plain or JSON.
enum AgentLog {
    /// Takes the configured form. Loggers made before it follow.
    static func configure(_ settings: LogSettings) {
        current.withLock { $0 = (settings.format, Logger.Level(rawValue: settings.level.rawValue) ?? .info) }
    }

    fileprivate static let current = Mutex<(format: LogSettings.Format, level: Logger.Level)>((.plain, .info))

    /// Makes every logger of the process write through this. Only the first call counts.
    static func bootstrap() { bootstrapped }

    private static let bootstrapped: Void = LoggingSystem.bootstrap { label in LineHandler(label: label) }
}

/// Writes each line with one write(2), so that lines of several threads do not mix.
private struct LineHandler: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]

    var logLevel: Logger.Level {
        get { AgentLog.current.withLock { $0.level } }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = WallClock.text(WallClock.milliseconds)
        var line: String
        switch AgentLog.current.withLock({ $0.format }) {
        case .plain:
            line = "\(time) \(event.level.rawValue.uppercased()) \(event.message)"
            for (key, value) in fields { line += " \(key)=\"\(value)\"" }
            // A line stays a line, whatever a peer put into its certificate.
            line = String(line.map { $0.isNewline ? " " : $0 }) + "\n"
        case .json:
            var batch = AuditBatch()
            batch.field("level", event.level.rawValue)
            batch.field("message", event.message.description)
            for (key, value) in fields { batch.textField(key, value.description) }
            line = "{\"time\":\"\(time)\"" + String(decoding: batch.fields, as: UTF8.self) + "}\n"
        }
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBufferPointer { unsafe write(2, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
