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
            in: (64 << 10)...(1 << 40)
        )
        let minimum = EnvelopeKeyring.minimumSecretBytes
        let secret = reader.secret("secret", minimumBytes: minimum)
        let previous = reader.secrets("previous-secrets", minimumBytes: minimum)
        let ring = secret.flatMap { keyring(of: $0, previous, reader) }
        let read = options
        return ReadyManager { (surroundings) throws(CatalogueError) in
            var ready = read
            ready.purpose = surroundings.purpose
            guard let keyring = ring else { throw .refused(type: "sqlite", reason: "there is no secret") }
            for weakness in keyring.weaknesses { surroundings.notices("sqlite: \(weakness)") }
            do throws(BackendError) {
                return try SQLiteBackend(options: ready, keyring: keyring, notices: surroundings.notices)
            } catch {
                throw .failed(error)
            }
        }
    }

    private static func keyring(
        of secret: SharedSecret,
        _ previous: [SharedSecret],
        _ reader: ConfigurationReader
    ) -> EnvelopeKeyring? {
        do throws(EnvelopeKeyring.Refusal) {
            let keyring = try EnvelopeKeyring(current: secret, previous: previous)
            // Everybody has the sample. As a previous secret it still opens what was sealed with it.
            guard !keyring.weaknesses.contains(where: { $0.place == 0 && $0.kind == .published }) else {
                reader.report(
                    "secret",
                    "is the sample of the public documentation; make one with: openssl rand -base64 32"
                )
                return nil
            }
            return keyring
        } catch {
            switch error {
            case .tooShort(let place):
                let key = place == 0 ? "secret" : "previous-secrets"
                reader.report(key, "must have at least \(EnvelopeKeyring.minimumSecretBytes) bytes")
            case .duplicate(let place, let first):
                let which = first == 0 ? "secret" : "number \(first)"
                reader.report("previous-secrets", "number \(place) is the same as \(which); remove it")
            case .failed(let error):
                reader.report("secret", "cannot be used (\(error))")
            }
            return nil
        }
    }
}
