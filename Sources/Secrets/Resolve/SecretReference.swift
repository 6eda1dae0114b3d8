/// What a caller asks for, once it is known to be allowed.
public struct SecretReference: Sendable, Hashable {
    public let tenant: String
    public let namespace: String
    public let key: String
    /// "" for the current one.
    public let version: String
    /// Nanoseconds; an older cached value is not good enough.
    public let maximumAge: Int64?

    public init(tenant: String, namespace: String, key: String, version: String = "", maximumAge: Int64? = nil) {
        self.tenant = tenant
        self.namespace = namespace
        self.key = key
        self.version = version
        self.maximumAge = maximumAge
    }

    /// The namespaces in which the key is looked for, the nearest first.
    public var levels: [String] {
        var levels = [namespace]
        // By bytes: as text, a dot and a combining mark behind it are one character, and no dot.
        var rest = namespace.utf8[...]
        while let dot = rest.lastIndex(of: UInt8(ascii: ".")) {
            rest = rest[..<dot]
            levels.append(String(Substring(rest)))
        }
        return levels
    }

    /// Byte for byte, as everywhere.
    public static func == (left: SecretReference, right: SecretReference) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.namespace.hasSameBytes(as: right.namespace)
            && left.tenant.hasSameBytes(as: right.tenant) && left.version.hasSameBytes(as: right.version)
            && left.maximumAge == right.maximumAge
    }

    public func hash(into hasher: inout Hasher) {
        tenant.hashBytes(into: &hasher)
        namespace.hashBytes(into: &hasher)
        key.hashBytes(into: &hasher)
        version.hashBytes(into: &hasher)
        hasher.combine(maximumAge)
    }
}

/// Where an answer came from.
public enum Source: UInt8, Sendable {
    case fresh = 1
    case cached = 2
    case stale = 3
}

/// How a look-up ended.
public enum Resolution: Sendable {
    case found(ResolvedSecret, Source)
    case notFound
    case noBackend
    case failed(BackendError)
}
