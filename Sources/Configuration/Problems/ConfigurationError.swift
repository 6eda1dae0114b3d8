/// A configuration that cannot be used, with everything that is wrong with it.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// At least one, in the order found.
    package let problems: [ConfigurationProblem]
    /// How many more there were than are reported.
    package let omitted: Int

    package init(problems: [ConfigurationProblem], omitted: Int = 0) {
        self.problems = problems
        self.omitted = omitted
    }

    package init(_ problem: ConfigurationProblem) {
        self.init(problems: [problem])
    }

    /// One problem a line.
    package var description: String {
        var lines = problems.map(\.description)
        if omitted > 0 { lines.append("and \(omitted) more") }
        return lines.joined(separator: "\n")
    }
}
