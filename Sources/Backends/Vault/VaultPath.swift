internal import Secrets

/// Where a secret is in the KV engine. Different names have different paths, and a path says which name it is.
struct VaultPath: Equatable, Sendable {
    /// Below the engine, not encoded.
    let segments: [String]

    /// - Returns: nil where no path can mean this name, so that there is no such secret.
    init?(_ name: SecretName, _ options: VaultOptions) {
        guard let folder = VaultPath(folderOf: name.tenant, name.namespace, options), Self.isSegment(name.key) else {
            return nil
        }
        segments = folder.segments + [name.key]
    }

    /// The folder that a namespace's secrets are in.
    init?(folderOf tenant: String, _ namespace: String, _ options: VaultOptions) {
        switch options.layout {
        case .flat: segments = Self.split(options.pathPrefix, at: "/")
        case .tree: segments = [tenant] + Self.split(namespace, at: ".")
        }
        guard segments.allSatisfy(Self.isSegment) else { return nil }
    }

    /// Above all tenants.
    static let top = VaultPath(segments: [])

    private init(segments: [String]) { self.segments = segments }

    /// Of a folder: the secret of this name in it.
    func appending(_ key: String) -> VaultPath { VaultPath(segments: segments + [key]) }

    /// Of a folder below a tenant's: the namespace whose secrets are in it; nil where no namespace has this folder.
    var namespace: NamespaceName? {
        guard let tenant = segments.first, segments.dropFirst().allSatisfy({ !$0.contains(".") }) else { return nil }
        return NamespaceName(tenant: tenant, namespace: segments.dropFirst().joined(separator: "."))
    }

    /// With each segment encoded, for a URL.
    var encoded: String { segments.map { PercentEncoding.encode($0) }.joined(separator: "/") }

    static func encode(_ path: String) -> String { PercentEncoding.encode(path, keeping: "/") }

    private static func split(_ text: String, at separator: Character) -> [String] {
        text.isEmpty ? [] : text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    /// Vault does not reach what ends in a period, and servers on the way may clean up `.` and `..`.
    static func isSegment(_ text: String) -> Bool {
        !text.isEmpty && !text.hasSuffix(".")
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") }
    }
}
