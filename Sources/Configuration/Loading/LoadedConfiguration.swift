/// A configuration that was read without a fault.
///
/// It keeps the documents' text in locked memory, inline secrets included: let go of it once everything is built.
package struct LoadedConfiguration: Sendable {
    package let settings: AgentSettings
    /// What was skipped or read another way.
    package let notes: [ConfigurationProblem]
    /// What works and should be done better, such as inline secrets.
    package let warnings: [ConfigurationProblem]
    /// The files that were read, without standard input.
    package let files: [String]
    /// Environment variables that held secrets, in ascending order, to be erased.
    package let secretVariables: [String]

    /// All documents merged, foreign keys too, before placeholders.
    let whole: ConfigurationNode
    /// What was read.
    let resolved: ConfigurationNode
    let schema: SectionSchema
    let catalogue: SectionCatalogue
    let environment: any ConfigurationEnvironment
    let limits: ConfigurationLimits

    /// A section of another program's settings, with placeholders replaced: a manager that keeps its secrets where Kestra
    /// keeps its data reads the connection there, for example `datasources.postgres`.
    ///
    /// - Parameter schema: which of its keys hold secrets. Other keys are kept too.
    /// - Returns: the section, and the variables that held secrets in it; nil where there is no such section.
    package func foreignSection(
        _ path: String,
        schema section: SectionSchema
    ) throws(ConfigurationError) -> (node: ConfigurationNode, secretVariables: [String])? {
        var node = whole
        for step in path.split(separator: ".") {
            guard let next = node[KeySpelling.kebab(String(step))], !next.isNull else { return nil }
            node = next
        }
        let problems = ConfigurationProblems(limit: limits.problems)
        let resolver = PlaceholderResolver(
            environment: environment,
            root: whole,
            schema: schema,
            problems: problems,
            notes: ConfigurationNotes(),
            limits: limits
        )
        let resolved = resolver.resolve(node, .nested(section))
        try problems.throwIfAny()
        return (resolved, resolver.secretVariables.sorted())
    }
}
