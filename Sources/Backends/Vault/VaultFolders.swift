internal import Secrets

/// The folders below a tenant's, or below all tenants', each of which is a namespace. Vault lists one folder at a time.
struct VaultFolders {
    /// Most folders that are looked into.
    private static let limit = 10_000

    private let start: VaultPath?

    /// - Parameter tenant: nil for all.
    init(of tenant: String?, _ options: VaultOptions) {
        start = tenant.map { VaultPath(folderOf: $0, "", options) } ?? .top
    }

    /// Those that hold secrets.
    func namespaces(through vault: VaultBackend) async throws(BackendError) -> [NamespaceName] {
        var found: [NamespaceName] = []
        var open = start.map { [$0] } ?? []
        var seen = 0
        while let folder = open.popLast() {
            seen += 1
            guard seen <= Self.limit else {
                throw .unsupported(detail: "it has more than \(Self.limit) folders: name a tenant or namespaces")
            }
            let (keys, folders) = try await vault.children(of: folder)
            if !keys.isEmpty, let namespace = folder.namespace { found.append(namespace) }
            open += folders.filter(VaultPath.isSegment).map(folder.appending)
        }
        return found
    }
}
