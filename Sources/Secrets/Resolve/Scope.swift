/// A part of the name space with its own manager, credentials and rules. Nothing of one scope is ever used for another.
/// A class, because a request would copy each scope it looks at.
public final class Scope: Sendable {
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
    public let budget: Budget

    public init(
        id: UInt16,
        name: String,
        tenant: String? = nil,
        namespace: String? = nil,
        type: String,
        backend: any SecretBackend,
        cache: CachePolicy = CachePolicy(),
        isolation: Isolation = .off,
        isReadOnly: Bool = false,
        budget: Budget = Budget()
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
        self.budget = budget
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
    /// The scope of every name, where there is only one.
    private let only: Scope?

    /// - Parameter scopes: ids are unique.
    public init(_ scopes: [Scope]) {
        self.scopes = scopes
        only = scopes.count == 1 && scopes[0].tenant == nil && scopes[0].namespace == nil ? scopes[0] : nil
    }

    /// The nearest scope; nil where nothing is configured for the name.
    public func find(tenant: Span<UInt8>, namespace: Span<UInt8>) -> Scope? {
        if let only { return only }
        var best: Scope?
        var greatest = -1
        for scope in scopes {
            guard let nearness = scope.nearness(tenant: tenant, namespace: namespace), nearness > greatest else {
                continue
            }
            greatest = nearness
            best = scope
        }
        return best
    }

    /// Closes all managers, at the same time. No call of one follows.
    public func close() async {
        await withTaskGroup { group in
            for scope in scopes { group.addTask { await scope.backend.close() } }
        }
    }

    /// The nearest scope of a name in text.
    public func find(tenant: String, namespace: String) -> Scope? {
        find(tenant: tenant.utf8Span.span, namespace: namespace.utf8Span.span)
    }
}
