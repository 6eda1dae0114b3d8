/// Collects what an operator should hear of and what is no error.
package final class ConfigurationNotes {
    /// What is skipped or taken another way, one line each.
    private(set) var notes: [ConfigurationProblem] = []
    /// What works and should be done better.
    private(set) var warnings: [ConfigurationProblem] = []
    private let limit = 200

    package init() {}

    func add(_ message: String, at origin: ConfigurationOrigin, path: ConfigurationPath) {
        if notes.count < limit { notes.append(Self.note(message, origin, path)) }
    }

    func warn(_ message: String, at origin: ConfigurationOrigin, path: ConfigurationPath) {
        if warnings.count < limit { warnings.append(Self.note(message, origin, path)) }
    }

    /// Takes back what was said of a key that turned out to be read.
    func withdraw(_ path: ConfigurationPath) {
        let keyPath = path.description
        notes.removeAll { $0.keyPath == keyPath }
    }

    private static func note(
        _ message: String,
        _ origin: ConfigurationOrigin,
        _ path: ConfigurationPath
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            file: origin.file,
            line: origin.line,
            column: origin.column,
            keyPath: path.description,
            message: message
        )
    }
}
