internal import Configuration
internal import Secrets

/// The environment in the catalogue: `type: env`.
enum EnvironmentCatalogueEntry {
    static let entry = CatalogueEntry(
        type: "env",
        schema: ["encoding": .text, "files": .list, "macros": .bool, "namespaces": .any],
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        var options = EnvironmentOptions()
        options.encoding = reader.choice("encoding", default: settings.encoding)
        options.files = reader.strings("files")
        options.allowsMacros = reader.bool("macros", default: options.allowsMacros)
        if let namespaces = reader.optionalNested("namespaces"), let node = reader.node("namespaces") {
            for entry in node.entries {
                // A reader knows keys by their kebab-case form, and a secret's key is the same in any case.
                options.namespaces[entry.key] = namespaces.strings(KeySpelling.kebab(entry.key))
            }
        }
        let ready = options
        return ReadyManager(files: options.files) { (surroundings) throws(CatalogueError) in
            do throws(EnvironmentRefusal) {
                return try EnvironmentBackend(
                    environment: surroundings.environment,
                    options: ready,
                    notices: surroundings.notices
                )
            } catch {
                throw .refused(type: "env", reason: "\(error)")
            }
        }
    }
}
