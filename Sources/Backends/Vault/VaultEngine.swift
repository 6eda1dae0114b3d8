internal import HTTP
internal import SecretMemory
internal import Secrets

/// What differs between the two versions of the KV engine.
protocol VaultEngine: Sendable {
    var hasVersions: Bool { get }

    /// Below `/v1/`, encoded.
    func dataPath(_ path: VaultPath) -> String
    /// Below `/v1/`, encoded, with a slash at its end.
    func listPath(_ folder: VaultPath) -> String

    /// - Returns: nil where there is no such secret, or it was deleted.
    func read(_ path: VaultPath, version: String?, through vault: VaultBackend) async throws(BackendError)
        -> FetchedSecret?

    /// - Returns: the new version.
    func write(
        _ path: VaultPath,
        _ value: borrowing SecretBytes,
        description: String?,
        tags: [String: String],
        through vault: VaultBackend
    ) async throws(BackendError) -> String

    /// What is known of a secret beside its value; nil where it was deleted.
    func describe(
        _ path: VaultPath,
        namespace: String,
        key: String,
        through vault: VaultBackend
    ) async throws(BackendError) -> SecretEntry?
}

/// KV version 1: the map itself, and nothing else.
struct VaultEngineOne: VaultEngine {
    private let mount: String

    init(_ options: VaultOptions) { mount = VaultPath.encode(options.rootEngine) }

    let hasVersions = false

    func dataPath(_ path: VaultPath) -> String { "\(mount)/\(path.encoded)" }

    func listPath(_ folder: VaultPath) -> String {
        folder.segments.isEmpty ? "\(mount)/" : "\(mount)/\(folder.encoded)/"
    }

    func read(_ path: VaultPath, version: String?, through vault: VaultBackend) async throws(BackendError)
        -> FetchedSecret?
    {
        guard version == nil else { throw .unsupported(detail: "KV version 1 keeps no versions") }
        let action = "reading \(dataPath(path))"
        let answer = try await vault.send(.get, dataPath(path))
        if answer.status == 404 {
            if answer.refusal.says(VaultRefusal.versioned) {
                throw .malformed(detail: "\(action): \(VaultRefusal.versioned)")
            }
            return nil
        }
        guard answer.status == 200, let map = answer.json.node("data"), answer.json.kind(map) == .object else {
            throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: action)
        }
        return FetchedSecret(value: try VaultValue.read(map, in: answer.json), version: "")
    }

    func write(
        _ path: VaultPath,
        _ value: borrowing SecretBytes,
        description: String?,
        tags: [String: String],
        through vault: VaultBackend
    ) async throws(BackendError) -> String {
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try VaultValue.write(value, to: &writer)
            return SharedSecret(try writer.finish())
        }
        let answer = try await vault.send(.post, dataPath(path), body: body)
        guard answer.status == 204 || answer.status == 200 else {
            throw answer.refusal.failure(retryAfter: answer.retryAfter, doing: "writing \(dataPath(path))")
        }
        return ""
    }

    func describe(
        _ path: VaultPath,
        namespace: String,
        key: String,
        through vault: VaultBackend
    ) async throws(BackendError) -> SecretEntry? {
        SecretEntry(namespace: namespace, key: key)
    }
}
