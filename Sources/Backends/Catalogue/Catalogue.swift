package import Configuration
package import SecretMemory
package import Secrets

/// All secrets managers. A new one is a folder beside this, and a line here.
package enum Catalogue {
    /// In the order of the documentation.
    package static let entries: [CatalogueEntry] =
        [
            EnvironmentCatalogueEntry.entry, AWSCatalogueEntry.entry, AzureCatalogueEntry.entry,
            GoogleCatalogueEntry.entry, VaultCatalogueEntry.entry,
        ] + UnbuiltCatalogueEntries.entries + [SQLiteCatalogueEntry.entry]

    /// For whoever loads a configuration.
    package static var managers: SectionCatalogue {
        SectionCatalogue(entries.map { (type: $0.type, schema: $0.schema) })
    }

    /// The managers that this agent can talk to.
    package static var builtTypes: [String] { entries.filter { $0.read != nil }.map(\.type) }

    /// Whether a manager of these settings could be made, without making it.
    ///
    /// - Returns: what will fail when it is connected, or should be done better.
    package static func validate(_ settings: SecretSettings) throws(CatalogueError) -> [String] {
        try read(settings).warnings
    }

    /// Makes the manager of one scope. It opens nothing yet: ``SecretBackend/connect()`` does.
    package static func make(
        _ settings: SecretSettings,
        in surroundings: ManagerSurroundings
    ) throws(CatalogueError) -> any SecretBackend {
        try read(settings).make(surroundings)
    }

    /// Files with secrets that the manager reads once, when it is made: candidates for deletion after the start.
    package static func files(of settings: SecretSettings) throws(CatalogueError) -> [String] {
        try read(settings).files
    }

    /// Overwrites every variable that a manager takes secrets from in the process's environment block, so that neither
    /// children nor readers of `/proc` find them. The values stay readable through `environment`, in locked memory.
    ///
    /// Call it while the process has one thread.
    package static func hideVariables(of environment: ProcessEnvironment) throws(MemoryError) {
        try EnvironmentBackend.hide(in: environment)
        for entry in entries { try environment.erase(entry.secretVariables) }
    }

    private static func read(_ settings: SecretSettings) throws(CatalogueError) -> ReadyManager {
        guard let entry = entries.first(where: { $0.type == settings.type }) else {
            throw .unknown(type: settings.type, nearest: NearestKey.find(settings.type, among: entries.map(\.type)))
        }
        guard let read = entry.read else { throw .notBuilt(type: settings.type) }
        let problems = ConfigurationProblems()
        let reader = settings.sectionReader(problems: problems)
        let ready = read(settings, reader)
        reader.finish()
        do throws(ConfigurationError) { try problems.throwIfAny() } catch { throw .configuration(error) }
        return ready
    }
}
