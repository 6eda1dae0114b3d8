internal import HTTP
internal import SecretMemory
internal import Secrets

/// KV version 2: versions, deletions that can be undone, and metadata beside the values.
struct VaultEngineTwo: VaultEngine {
    /// The custom metadata that a description is kept under.
    private static let descriptionField = "description"
    /// Vault's bounds of custom metadata.
    private static let maximumTags = 64
    private static let maximumTagNameBytes = 128
    private static let maximumTagBytes = 512

    private let mount: String

    init(_ options: VaultOptions) { mount = VaultPath.encode(options.rootEngine) }

    let hasVersions = true

    func dataPath(_ path: VaultPath) -> String { "\(mount)/data/\(path.encoded)" }

    func listPath(_ folder: VaultPath) -> String {
        folder.segments.isEmpty ? "\(mount)/metadata/" : "\(mount)/metadata/\(folder.encoded)/"
    }

    private func metadataPath(_ path: VaultPath) -> String { "\(mount)/metadata/\(path.encoded)" }

    func read(_ path: VaultPath, version: String?, through vault: VaultBackend) async throws(BackendError)
        -> FetchedSecret?
    {
        var query = ""
        if let version {
            guard let number = UInt32(version), number > 0 else {
                throw .unsupported(detail: "versions are numbers from 1 on in Vault")
            }
            query = "?version=\(number)"
        }
        let action = "reading \(dataPath(path))"
        let answer = try await vault.send(.get, dataPath(path) + query)
        // A version that was deleted or destroyed is answered with 404 and a body that says so.
        if answer.status == 404, !answer.refusal.says("no handler for route") { return nil }
        guard answer.status == 200, let data = answer.json.node("data"),
            let map = answer.json.node("data", in: data), answer.json.kind(map) == .object
        else { throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: action) }
        let number = answer.json.integer(answer.json.node("metadata", "version", in: data)) ?? 0
        return FetchedSecret(value: try VaultValue.read(map, in: answer.json), version: number > 0 ? "\(number)" : "")
    }

    func write(
        _ path: VaultPath,
        _ value: borrowing SecretBytes,
        description: String?,
        tags: [String: String],
        through vault: VaultBackend
    ) async throws(BackendError) -> String {
        let metadata = try metadataBody(description, tags)
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("data")
            try VaultValue.write(value, to: &writer)
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
        let action = "writing \(dataPath(path))"
        let answer = try await vault.send(.post, dataPath(path), body: body)
        guard answer.status == 200, let number = answer.json.integer(answer.json.node("data", "version")) else {
            throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: action)
        }
        if let metadata {
            let described = try await vault.send(.post, metadataPath(path), body: metadata)
            guard described.status == 204 || described.status == 200 else {
                throw described.refusal.failure(
                    retryAfter: described.retryAfter,
                    doing: "writing the tags at \(metadataPath(path)), after the value was written,"
                )
            }
        }
        return "\(number)"
    }

    private func metadataBody(_ description: String?, _ tags: [String: String]) throws(BackendError) -> SharedSecret? {
        var fields = tags
        if let description, fields[Self.descriptionField] == nil { fields[Self.descriptionField] = description }
        guard !fields.isEmpty else { return nil }
        let fits =
            fields.count <= Self.maximumTags
            && fields.allSatisfy { field in
                (1...Self.maximumTagNameBytes).contains(field.key.utf8.count)
                    && (1...Self.maximumTagBytes).contains(field.value.utf8.count)
            }
        guard fits else {
            throw .unsupported(
                detail: """
                    Vault keeps at most \(Self.maximumTags) tags, a description among them, with names of 1 to \
                    \(Self.maximumTagNameBytes) bytes and values of 1 to \(Self.maximumTagBytes)
                    """
            )
        }
        return try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("custom_metadata")
            try writer.beginObject()
            for (name, text) in fields.sorted(by: { $0.key < $1.key }) {
                try writer.key(name)
                try writer.string(text)
            }
            try writer.endObject()
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
    }

    func describe(
        _ path: VaultPath,
        namespace: String,
        key: String,
        through vault: VaultBackend
    ) async throws(BackendError) -> SecretEntry? {
        let answer = try await vault.send(.get, metadataPath(path))
        switch answer.status {
        // Listing is a permission of its own: what may be listed and not be looked at is still listed.
        case 403: return SecretEntry(namespace: namespace, key: key)
        case 404: return nil
        default: break
        }
        guard answer.status == 200, let data = answer.json.node("data") else {
            throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: "reading \(metadataPath(path))")
        }
        let version = answer.json.integer(answer.json.node("current_version", in: data)) ?? 0
        if let current = answer.json.node("versions", "\(version)", in: data) {
            let isDeleted = !(answer.json.string(answer.json.node("deletion_time", in: current)) ?? "").isEmpty
            if isDeleted || answer.json.boolean(answer.json.node("destroyed", in: current)) == true { return nil }
        }
        var tags: [String: String] = [:]
        if let custom = answer.json.node("custom_metadata", in: data) {
            for (name, value) in answer.json.members(of: custom) { tags[name] = answer.json.string(value) }
        }
        return SecretEntry(
            namespace: namespace,
            key: key,
            version: version > 0 ? "\(version)" : "",
            updatedAt: answer.json.string(answer.json.node("updated_time", in: data)).flatMap(ISODate.milliseconds),
            description: tags.removeValue(forKey: Self.descriptionField),
            tags: tags
        )
    }
}
