internal import Configuration
internal import Cryptography
internal import Secrets

/// Secrets in a database in the catalogue: `type: jdbc`.
enum JDBCCatalogueEntry {
    static let type = "jdbc"

    static let entry = CatalogueEntry(
        type: type,
        schema: SectionSchema([
            ("secret", .secret),
            ("previous-secrets", .secretList),
            ("next-secret", .secret),
            ("url", .text),
            ("username", .text),
            ("password", .secret),
            ("ssl-mode", .text),
            ("ssl-root-cert", .text),
            ("ssl-cert", .text),
            ("ssl-key", .text),
            ("allow-insecure-transport", .bool),
            ("schema", .text),
            ("table", .text),
            ("connect-timeout", .duration),
            ("statement-timeout", .duration),
            ("pool-size", .integer),
            ("queue-limit", .integer),
            ("maximum-size", .byteSize),
        ]),
        // Kestra keeps its secrets in the database that it uses itself, and names no connection for them.
        foreign: ForeignSection(
            "datasources.*",
            schema: ["url": .text, "username": .text, "password": .secret],
            lead: "url"
        ),
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let ring = SealingSecrets.read(reader, isShared: true)
        let read = JDBCSection(
            reader,
            kestra: settings.foreignReader(problems: reader.problems),
            isReadOnly: settings.readOnly
        ).read()
        var warnings: [String] = []
        if !settings.filterTags.isEmpty, !settings.readOnly {
            warnings.append("filter-on-tags counts only with read-only: true")
        }
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            guard let keyring = ring, let database = read else {
                throw .refused(type: type, reason: "there is no secret")
            }
            for weakness in keyring.weaknesses { surroundings.notices("jdbc: \(weakness)") }
            let store = SealedStore(
                keyring: keyring,
                place: SealedPlace(store: database.place, section: type),
                defaultTags: settings.tags,
                filter: settings.readOnly ? settings.filterTags : [:],
                notices: surroundings.notices
            )
            do throws(BackendError) { return try database.backend(store, surroundings) } catch { throw .failed(error) }
        }
    }
}
