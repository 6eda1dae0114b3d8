/// Which secret is meant.
public struct Reference: Hashable, Sendable {
    /// The namespace to look in; its parents are searched after it.
    public var namespace: String
    public var key: String
    /// The value is a JSON object, and this top-level field of it is wanted; nil for the whole value.
    public var subkey: String?
    /// The secrets manager's name of a version; nil for the current one.
    public var version: String?
    /// How old a cached value may be: zero asks the secrets manager; nil leaves it to the agent.
    public var maximumAge: Duration?
    /// Only for callers of several tenants; nil for the one in the caller's certificate.
    public var tenant: String?

    public init(
        _ key: String,
        in namespace: String,
        subkey: String? = nil,
        version: String? = nil,
        maximumAge: Duration? = nil,
        tenant: String? = nil
    ) {
        self.namespace = namespace
        self.key = key
        self.subkey = subkey
        self.version = version
        self.maximumAge = maximumAge
        self.tenant = tenant
    }
}
