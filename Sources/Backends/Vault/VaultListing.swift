internal import Secrets

/// One page of a folder's names with what is known of each. Vault tells that for one secret at a time, so a page costs as many
/// requests as it has entries.
struct VaultListing {
    /// Requests that are under way at the same time.
    private static let breadth = 8

    private let query: ListQuery
    private let keys: [String]
    private let folder: VaultPath
    private let engine: any VaultEngine

    /// - Parameter keys: those that the query means, in order.
    init(_ query: ListQuery, _ keys: [String], _ folder: VaultPath, _ engine: any VaultEngine) {
        self.query = query
        self.keys = keys
        self.folder = folder
        self.engine = engine
    }

    func page(through vault: VaultBackend) async throws(BackendError) -> ListPage {
        let limit = max(1, query.limit)
        var entries: [SecretEntry] = []
        var next = 0
        // One more than wanted tells whether there are more; deleted names give room to those behind them.
        while entries.count <= limit, next < keys.count {
            let wanted = min(max(1, limit + 1 - entries.count), Self.breadth, keys.count - next)
            for result in await describe(Array(keys[next..<(next + wanted)]), through: vault) {
                if let entry = try result.get() { entries.append(entry) }
            }
            next += wanted
        }
        return ListPage(entries: Array(entries.prefix(limit)), hasMore: entries.count > limit)
    }

    private func describe(
        _ keys: [String],
        through vault: VaultBackend
    ) async -> [Result<SecretEntry?, BackendError>] {
        let (engine, namespace) = (engine, query.namespace)
        return await withTaskGroup(of: (Int, Result<SecretEntry?, BackendError>).self) { group in
            for (index, key) in keys.enumerated() {
                let path = folder.appending(key)
                group.addTask {
                    do throws(BackendError) {
                        let entry = try await engine.describe(path, namespace: namespace, key: key, through: vault)
                        return (index, .success(entry))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var results = [Result<SecretEntry?, BackendError>](repeating: .success(nil), count: keys.count)
            for await (index, result) in group { results[index] = result }
            return results
        }
    }
}
