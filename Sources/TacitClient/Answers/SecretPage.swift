internal import Wire

/// Which names to list.
public struct ListQuery: Hashable, Sendable {
    public var namespace: String
    /// Only keys that begin so.
    public var prefix: String
    /// Also the keys of parent namespaces.
    public var inherited: Bool
    /// Where the page before ended, see ``SecretPage/nextPageToken``; nil from the start.
    public var pageToken: String?
    /// Most entries of a page; 0 leaves it to the agent, which may always give fewer.
    public var pageSize: UInt32
    /// Only for callers of several tenants.
    public var tenant: String?

    public init(
        in namespace: String,
        prefix: String = "",
        inherited: Bool = false,
        pageToken: String? = nil,
        pageSize: UInt32 = 0,
        tenant: String? = nil
    ) {
        self.namespace = namespace
        self.prefix = prefix
        self.inherited = inherited
        self.pageToken = pageToken
        self.pageSize = pageSize
        self.tenant = tenant
    }
}

/// A name and what is known of it; never a value.
public struct SecretEntry: Equatable, Sendable {
    public let namespace: String
    public let key: String
    /// Empty where the secrets manager has none.
    public let version: String
    /// Milliseconds since 1970; nil where the secrets manager does not say.
    public let updatedAt: Int64?
    public let description: String
    public let tags: [String: String]
    /// It cannot be written through the agent.
    public let readOnly: Bool

    init(_ entry: ListSecretsAnswer.Entry) {
        namespace = entry.namespace
        key = entry.key
        version = entry.version
        updatedAt = entry.updatedAt
        description = entry.description
        tags = entry.tags
        readOnly = entry.readOnly
    }
}

/// A part of a listing.
public struct SecretPage: Equatable, Sendable {
    public let entries: [SecretEntry]
    /// For ``ListQuery/pageToken`` of the next page; nil on the last.
    public let nextPageToken: String?

    init(_ answer: ListSecretsAnswer) {
        entries = answer.entries.map { SecretEntry($0) }
        nextPageToken = answer.nextPageToken.isEmpty ? nil : answer.nextPageToken
    }
}
