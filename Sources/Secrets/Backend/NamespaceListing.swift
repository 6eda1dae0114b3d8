/// A namespace of a tenant ("" where there is none).
public struct NamespaceName: Hashable, Comparable, Sendable {
    public let tenant: String
    /// With dots; "" is the root.
    public let namespace: String

    public init(tenant: String, namespace: String) {
        self.tenant = tenant
        self.namespace = namespace
    }

    /// Byte for byte.
    public static func == (left: NamespaceName, right: NamespaceName) -> Bool {
        left.tenant.hasSameBytes(as: right.tenant) && left.namespace.hasSameBytes(as: right.namespace)
    }

    public func hash(into hasher: inout Hasher) {
        tenant.hashBytes(into: &hasher)
        namespace.hashBytes(into: &hasher)
    }

    public static func < (left: NamespaceName, right: NamespaceName) -> Bool {
        left.tenant.hasSameBytes(as: right.tenant)
            ? left.namespace.utf8.lexicographicallyPrecedes(right.namespace.utf8)
            : left.tenant.utf8.lexicographicallyPrecedes(right.tenant.utf8)
    }
}

/// Which namespaces to list.
public struct NamespaceQuery: Sendable {
    /// nil: of every tenant.
    public let tenant: String?
    /// Only namespaces after this one; nil for the first page.
    public let after: NamespaceName?
    /// Most namespaces to return; at least 1.
    public let limit: Int

    public init(tenant: String? = nil, after: NamespaceName? = nil, limit: Int) {
        self.tenant = tenant
        self.after = after
        self.limit = limit
    }
}

/// A part of a listing of namespaces.
public struct NamespacePage: Sendable {
    public let namespaces: [NamespaceName]
    /// Whether there are namespaces after the last one.
    public let hasMore: Bool

    public init(namespaces: [NamespaceName], hasMore: Bool) {
        self.namespaces = namespaces
        self.hasMore = hasMore
    }

    /// The page of a query, for managers that know all namespaces at once.
    public init(of all: some Sequence<NamespaceName>, _ query: NamespaceQuery) {
        let rest = all.filter { name in
            (query.tenant.map { $0.hasSameBytes(as: name.tenant) } ?? true) && (query.after.map { $0 < name } ?? true)
        }.sorted()
        let limit = max(1, query.limit)
        self.init(namespaces: Array(rest.prefix(limit)), hasMore: rest.count > limit)
    }
}

/// What a manager keeps beside a value, and gives back.
public struct KeptMetadata: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let description = KeptMetadata(rawValue: 1)
    public static let tags = KeptMetadata(rawValue: 2)
    public static let all: KeptMetadata = [.description, .tags]
}

/// What a manager need not implement.
extension SecretBackend {
    public func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        throw .unsupported(detail: "it cannot tell its namespaces")
    }

    public var keptMetadata: KeptMetadata { .all }

    public func objection(to write: SecretWrite, bytes: Int) -> BackendError? { nil }
}
