/// Collects what is wrong, so that one run reports all of it.
package final class ConfigurationProblems {
    /// What was found, at most as many as the limit.
    package private(set) var list: [ConfigurationProblem] = []
    private var omitted = 0
    private let limit: Int

    package init(limit: Int = ConfigurationLimits().problems) {
        self.limit = limit
    }

    /// Whether nothing is wrong so far.
    package var isEmpty: Bool { list.isEmpty }

    /// Whether further problems are counted only, so that nobody need work out suggestions for them.
    package var isFull: Bool { list.count >= limit }

    /// Remembers a problem.
    package func add(_ problem: ConfigurationProblem) {
        if list.count < limit { list.append(problem) } else { omitted += 1 }
    }

    /// Remembers a problem of a place.
    package func add(
        _ message: String,
        at origin: ConfigurationOrigin,
        path: ConfigurationPath,
        suggestion: String? = nil
    ) {
        add(
            ConfigurationProblem(
                file: origin.file,
                line: origin.line,
                column: origin.column,
                keyPath: path.description,
                message: message,
                suggestion: suggestion
            )
        )
    }

    /// Remembers all that another step found.
    package func add(_ error: ConfigurationError) {
        for problem in error.problems { add(problem) }
        omitted += error.omitted
    }

    /// Ends the work where something is wrong.
    package func throwIfAny() throws(ConfigurationError) {
        if !list.isEmpty { throw ConfigurationError(problems: list, omitted: omitted) }
    }
}
