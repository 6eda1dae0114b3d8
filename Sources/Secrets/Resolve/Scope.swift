/// A part of the name space with its own manager, credentials and rules. Nothing of one scope is ever used for another.
public struct Scope: Sendable {
    /// Tells the scopes of this process apart, a reload's from those before it.
    public let id: UInt16
    /// For people: `default`, or the tenant and namespace it is about.
    public let name: String
    /// nil: any tenant.
    public let tenant: String?
    /// The namespace it begins at; nil: all.
    public let namespace: String?
    /// The type of its manager, as in the configuration.
    public let type: String
    public let backend: any SecretBackend
    public let cache: CachePolicy
    public let isolation: Isolation
    /// Whether writing is refused before anything is sent.
    public let isReadOnly: Bool

    public init(
        id: UInt16,
        name: String,
        tenant: String? = nil,
        namespace: String? = nil,
        type: String,
        backend: any SecretBackend,
        cache: CachePolicy = CachePolicy(),
        isolation: Isolation = .off,
        isReadOnly: Bool = false
    ) {
        self.id = id
        self.name = name
        self.tenant = tenant
        self.namespace = namespace
        self.type = type
        self.backend = backend
        self.cache = cache
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }

    /// How near this scope is to a name: the length of its namespace, with a tenant of its own before one for all; nil where
    /// the name is none of its.
    fileprivate func nearness(tenant name: Span<UInt8>, namespace bytes: Span<UInt8>) -> Int? {
        var nearness = 0
        if let tenant {
            guard tenant.hasSameBytes(as: name) else { return nil }
            nearness = NameRules.maximumBytes + 2
        }
        guard let namespace else { return nearness }
        guard namespace.isOrContains(namespace: bytes) else { return nil }
        return nearness + namespace.utf8.count + 1
    }
}

/// All scopes of a configuration. Immutable: a reload makes another.
public final class ScopeTable: Sendable {
    public let scopes: [Scope]

    /// - Parameter scopes: ids are unique.
    public init(_ scopes: [Scope]) { self.scopes = scopes }

    /// The nearest scope; nil where nothing is configured for the name.
    public func find(tenant: Span<UInt8>, namespace: Span<UInt8>) -> Int? {
        if scopes.count == 1, scopes[0].tenant == nil, scopes[0].namespace == nil { return 0 }
        var best: (index: Int, nearness: Int)?
        for index in scopes.indices {
            guard let nearness = scopes[index].nearness(tenant: tenant, namespace: namespace) else { continue }
            if nearness > best?.nearness ?? -1 { best = (index, nearness) }
        }
        return best?.index
    }

    /// The nearest scope of a name in text.
    public func find(tenant: String, namespace: String) -> Scope? {
        find(tenant: tenant.utf8Span.span, namespace: namespace.utf8Span.span).map { scopes[$0] }
    }
}
