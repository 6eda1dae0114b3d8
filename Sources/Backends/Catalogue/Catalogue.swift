package import Configuration
package import SecretMemory
internal import Secrets

/// All secrets managers. A new one is a folder beside this, and a line here.
package enum Catalogue {
    /// In the order of the documentation.
    package static let entries: [CatalogueEntry] =
        [
            EnvironmentCatalogueEntry.entry, AWSCatalogueEntry.entry, AzureCatalogueEntry.entry,
            GoogleCatalogueEntry.entry, VaultCatalogueEntry.entry, ElasticsearchCatalogueEntry.entry,
            JDBCCatalogueEntry.entry, CyberArkCatalogueEntry.entry, DopplerCatalogueEntry.entry,
            OnePasswordCatalogueEntry.entry, BeyondTrustCatalogueEntry.entry, DelineaCatalogueEntry.entry,
            SQLiteCatalogueEntry.entry,
        ]

    /// For whoever loads a configuration.
    package static var managers: SectionCatalogue {
        SectionCatalogue(
            entries.map { (type: $0.type, schema: $0.schema) },
            foreign: Dictionary(
                uniqueKeysWithValues: entries.compactMap { entry in entry.foreign.map { (entry.type, $0) } }
            )
        )
    }

    /// Overwrites every variable that a manager takes secrets from in the process's environment block, so that neither
    /// children nor readers of `/proc` find them. The values stay readable through `environment`, in locked memory.
    ///
    /// Call it while the process has one thread.
    package static func hideVariables(of environment: ProcessEnvironment) throws(MemoryError) {
        try EnvironmentBackend.hide(in: environment)
        for entry in entries { try environment.erase(entry.secretVariables) }
    }

    /// Reads a section, and the files that it names, once: for whoever checks it and for whoever then makes the manager.
    package static func read(_ settings: SecretSettings) throws(CatalogueError) -> ReadyManager {
        guard let entry = entries.first(where: { $0.type == settings.type }) else {
            throw .unknown(type: settings.type, nearest: NearestKey.find(settings.type, among: entries.map(\.type)))
        }
        let problems = ConfigurationProblems()
        let reader = settings.sectionReader(problems: problems)
        let ready = entry.read(settings, reader)
        reader.finish()
        do throws(ConfigurationError) { try problems.throwIfAny() } catch { throw .configuration(error) }
        return ready
    }
}
