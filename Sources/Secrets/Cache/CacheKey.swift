/// What a cached answer is about: one name (and perhaps one version) within one scope. Scopes never share an entry, so a
/// value fetched with one credential is never served where another would have been used.
struct CacheKey: ~Escapable {
    let scope: UInt16
    let tenant: Span<UInt8>
    let namespace: Span<UInt8>
    let key: Span<UInt8>
    let version: Span<UInt8>

    @_lifetime(copy tenant, copy namespace, copy key, copy version)
    init(
        scope: UInt16,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>,
        version: Span<UInt8>
    ) {
        self.scope = scope
        self.tenant = tenant
        self.namespace = namespace
        self.key = key
        self.version = version
    }

    /// Seeded for each process, so that nobody can aim at a bucket.
    var hash: UInt64 {
        var hasher = Hasher()
        // Where each name ends goes in at once: no shift overlaps for the lengths that names may have.
        let ends = UInt64(scope) << 48 | UInt64(tenant.count) << 32 | UInt64(namespace.count) << 16 | UInt64(key.count)
        hasher.combine(ends)
        tenant.addBytes(to: &hasher)
        namespace.addBytes(to: &hasher)
        key.addBytes(to: &hasher)
        version.addBytes(to: &hasher)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }
}

/// A cache key that owns its names.
struct StoredKey: Sendable, Hashable {
    let scope: UInt16
    let name: SecretName
    let version: String

    static func == (left: StoredKey, right: StoredKey) -> Bool {
        left.scope == right.scope && left.name == right.name && left.version.hasSameBytes(as: right.version)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(scope)
        hasher.combine(name)
        version.hashBytes(into: &hasher)
    }

    func withCacheKey<Result>(_ body: (borrowing CacheKey) -> Result) -> Result {
        let key = CacheKey(
            scope: scope,
            tenant: name.tenant.utf8Span.span,
            namespace: name.namespace.utf8Span.span,
            key: name.key.utf8Span.span,
            version: version.utf8Span.span
        )
        return body(key)
    }
}
