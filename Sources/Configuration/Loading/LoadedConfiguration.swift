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

    /// What was read.
    let resolved: ConfigurationNode
    let schema: SectionSchema
    let catalogue: SectionCatalogue
    let environment: any ConfigurationEnvironment
}
