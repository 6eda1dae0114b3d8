/// Where in the cache one name of one scope lies, worked out once for a caller who asks for it again and again.
///
/// It holds no value and keeps none alive, and says nothing about whether the caller may have it. A class, because the parts of a
/// struct would be counted one by one for each look.
public final class CacheProbe: Sendable {
    private let scope: UInt16
    private let names: PackedNames
    let hash: UInt64

    /// - Returns: nil where the name belongs to no scope, or its scope keeps nothing.
    public init?(
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>,
        version: Span<UInt8>,
        scopes: ScopeTable
    ) {
        guard let found = scopes.find(tenant: tenant, namespace: namespace), found.cache.isEnabled else { return nil }
        scope = found.id
        let wanted = CacheKey(scope: found.id, tenant: tenant, namespace: namespace, key: key, version: version)
        names = PackedNames(wanted)
        hash = wanted.hash
    }

    func isAbout(_ entry: CacheEntry) -> Bool { entry.key.scope == scope && entry.names == names }
}
