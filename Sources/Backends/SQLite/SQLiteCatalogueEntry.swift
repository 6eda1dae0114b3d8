internal import Configuration
internal import Cryptography
internal import SecretMemory
internal import Secrets

/// The embedded store in the catalogue: `type: sqlite`.
enum SQLiteCatalogueEntry {
    static let entry = CatalogueEntry(
        type: "sqlite",
        schema: [
            "path": .text,
            "secret": .secret,
            "previous-secrets": .secretList,
            "readers": .integer,
            "queue-limit": .integer,
            "busy-timeout": .duration,
            "maximum-size": .byteSize,
        ],
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let readRange = SQLiteOptions.readerRange
        var options = SQLiteOptions(path: reader.string("path"))
        options.isReadOnly = settings.readOnly
        options.readers = reader.int("readers", default: options.readers, in: readRange)
        options.queueLimit = reader.int("queue-limit", default: options.queueLimit, in: 1...10_000)
        options.busyTimeout = reader.duration("busy-timeout", default: options.busyTimeout, in: .zero ... .seconds(60))
        options.maximumFileBytes = reader.byteSize(
            "maximum-size",
            default: options.maximumFileBytes,
            in: SQLiteOptions.sizeRange
        )
        let ring = SealingSecrets.read(reader)
        let read = options
        return ReadyManager { (surroundings) throws(CatalogueError) in
            var ready = read
            ready.purpose = surroundings.purpose
            guard let keyring = ring else { throw .refused(type: "sqlite", reason: "there is no secret") }
            for weakness in keyring.weaknesses { surroundings.notices("sqlite: \(weakness)") }
            do throws(BackendError) {
                return try SQLiteBackend(
                    ready,
                    SealedStore(
                        keyring: keyring,
                        place: SealedPlace(store: ready.path, section: "sqlite"),
                        defaultTags: settings.tags,
                        filter: settings.readOnly ? settings.filterTags : [:],
                        notices: surroundings.notices
                    )
                )
            } catch {
                throw .failed(error)
            }
        }
    }
}
