public import SecretMemory

/// A secrets manager, reached with the credentials of exactly one scope.
///
/// Implementations never block the caller's thread, never cache, never climb namespaces, and know nothing of who is asking:
/// all of that is decided above them. Names are compared byte for byte.
public protocol SecretBackend: Sendable {
    /// What this manager can do beside reading.
    var capabilities: BackendCapabilities { get }

    /// Reads one value.
    ///
    /// - Parameter version: the manager's own name of a version; nil for the current one.
    /// - Returns: the value, or nil where the manager answered that there is none. Being unable to tell is an error.
    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret?

    /// Reads names and metadata of one namespace in ascending order of the key, never a value.
    func list(_ query: ListQuery) async throws(BackendError) -> ListPage

    /// The namespaces that hold secrets, in ascending order, beside others that may hold none. A manager that cannot tell has not
    /// ``BackendCapabilities/namespaces`` and need not implement it.
    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage

    /// What a listing gives back of a description and tags that were written with a value. Need not be implemented where it is
    /// all of it.
    var keptMetadata: KeptMetadata { get }

    /// Why a write would be refused, as far as that is known without asking the manager; nil where nothing is known against it.
    /// Need not be implemented.
    ///
    /// - Parameter bytes: of the value.
    func objection(to write: SecretWrite, bytes: Int) -> BackendError?

    /// Writes a value and returns its new version.
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String

    /// Deletes a value.
    ///
    /// - Returns: false where there was none.
    func delete(_ name: SecretName) async throws(BackendError) -> Bool

    /// Logs in or opens, and makes sure that the manager answers.
    func connect() async throws(BackendError)

    /// Gives connections and files back. No call follows.
    func close() async

    /// The manager's own name of a secret, as an operator would look for it there. It is made of the request's names, and
    /// says nothing about whether the secret exists.
    func place(of name: SecretName) -> String
}

/// What a manager can do beside reading one value.
public struct BackendCapabilities: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Names can be listed.
    public static let list = BackendCapabilities(rawValue: 1)
    /// Values can be written and deleted.
    public static let write = BackendCapabilities(rawValue: 2)
    /// Older versions can be read.
    public static let versions = BackendCapabilities(rawValue: 4)
    /// Namespaces can be listed.
    public static let namespaces = BackendCapabilities(rawValue: 8)
}

/// Where a secret is stored: a tenant ("" where there is none), a namespace with dots, and a key.
public struct SecretName: Hashable, Sendable {
    public let tenant: String
    public let namespace: String
    public let key: String

    public init(tenant: String, namespace: String, key: String) {
        self.tenant = tenant
        self.namespace = namespace
        self.key = key
    }

    /// Byte for byte.
    public static func == (left: SecretName, right: SecretName) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.namespace.hasSameBytes(as: right.namespace)
            && left.tenant.hasSameBytes(as: right.tenant)
    }

    public func hash(into hasher: inout Hasher) {
        tenant.hashBytes(into: &hasher)
        namespace.hashBytes(into: &hasher)
        key.hashBytes(into: &hasher)
    }
}

/// A value as a manager gave it.
public struct FetchedSecret: ~Copyable, Sendable {
    /// The value, which the receiver owns.
    public let value: SecretBytes
    /// The manager's name of this version; "" where it has none.
    public let version: String
    /// How long the manager allows the value to be kept; nil where it says nothing.
    public let lifetime: Duration?

    public init(value: consuming SecretBytes, version: String, lifetime: Duration? = nil) {
        self.value = value
        self.version = version
        self.lifetime = lifetime
    }

    /// Gives the value up to the caller.
    public consuming func takeValue() -> SecretBytes { value }
}

/// What to write beside the value.
public struct SecretWrite: Sendable {
    public let name: SecretName
    /// Free text, not encrypted.
    public let description: String?
    /// Labels, not encrypted.
    public let tags: [String: String]

    public init(name: SecretName, description: String? = nil, tags: [String: String] = [:]) {
        self.name = name
        self.description = description
        self.tags = tags
    }
}

/// Which names to list.
public struct ListQuery: Sendable {
    public let tenant: String
    public let namespace: String
    /// Only keys that begin so; "" for all.
    public let prefix: String
    /// Only keys after this one; "" for the first page.
    public let after: String
    /// Most entries to return; at least 1.
    public let limit: Int

    public init(tenant: String, namespace: String, prefix: String = "", after: String = "", limit: Int) {
        self.tenant = tenant
        self.namespace = namespace
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }
}

/// A name and what is known of it.
public struct SecretEntry: Sendable, Equatable {
    public let namespace: String
    public let key: String
    public let version: String
    /// Milliseconds since 1970; nil where the manager does not say.
    public let updatedAt: Int64?
    public let description: String?
    public let tags: [String: String]

    public init(
        namespace: String,
        key: String,
        version: String = "",
        updatedAt: Int64? = nil,
        description: String? = nil,
        tags: [String: String] = [:]
    ) {
        self.namespace = namespace
        self.key = key
        self.version = version
        self.updatedAt = updatedAt
        self.description = description
        self.tags = tags
    }
}

/// A part of a listing.
public struct ListPage: Sendable {
    public let entries: [SecretEntry]
    /// Whether there are names after the last entry.
    public let hasMore: Bool

    public init(entries: [SecretEntry], hasMore: Bool) {
        self.entries = entries
        self.hasMore = hasMore
    }
}

/// Why a manager did not do what was asked. Details are for the operator and carry no value and no answer body.
public enum BackendError: Error, Equatable, Sendable {
    /// It cannot be reached, or answered that it cannot serve now.
    case unavailable(detail: String, retryAfter: Duration? = nil)
    /// It asks for fewer requests.
    case throttled(retryAfter: Duration? = nil)
    /// It refused the agent's own credential.
    case denied(detail: String)
    /// The agent's credential is good, and may not do this with this name.
    case forbidden(detail: String)
    /// It answered something that is not what it promises, or a stored value cannot be opened.
    case malformed(detail: String)
    /// It cannot be written to, or is configured so.
    case readOnly
    /// It has no such operation, or no such version.
    case unsupported(detail: String)
    /// Somebody else wrote at the same time, again and again.
    case conflict
    /// The value is larger than the manager, or the configured limit, allows.
    case tooLarge(limit: Int)
    /// There was no locked memory for it.
    case memory(MemoryError)

    /// Whether something is wrong with the manager or the agent, and not with what was asked for: no caller may make a
    /// manager look as if it failed.
    public var isTrouble: Bool {
        switch self {
        case .unavailable, .throttled, .denied, .malformed, .memory: true
        case .forbidden, .readOnly, .unsupported, .conflict, .tooLarge: false
        }
    }

    /// Whether it may be over in a while without anybody's doing.
    public var mayPass: Bool {
        switch self {
        case .unavailable, .throttled: true
        default: false
        }
    }

    /// Whether somebody who can change the manager or its configuration should know of it.
    public var concernsOperator: Bool {
        if case .forbidden = self { true } else { isTrouble }
    }
}
