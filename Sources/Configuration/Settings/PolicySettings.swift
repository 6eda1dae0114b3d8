/// `tacit.policy`: what is allowed, and what is denied although it is allowed.
package struct PolicySettings: Sendable, Equatable {
    package var grants: [RuleSettings] = []
    package var denials: [RuleSettings] = []

    package init() {}
}

/// One grant or denial. Patterns are kept as written; their captures are known to exist.
package struct RuleSettings: Sendable, Equatable {
    /// The rule's place, such as `tacit.policy.grants[0]`: what the audit calls it.
    package var name: String
    /// A pattern of SPIFFE identities.
    package var identity: String
    /// A service type in upper case, a capture, or nil for any. A grant always has one; `*` reads as nil.
    package var service: String?
    /// A tenant, a capture, or nil for any. A grant always has one; `*` reads as nil.
    package var tenant: String?
    /// Patterns of namespaces. Empty: in a grant none, in a denial all.
    package var namespaces: [String]
    /// Patterns of keys. Empty: in a grant none, in a denial all.
    package var keys: [String]
    /// Empty: in a denial all. A grant always has some.
    package var operations: [OperationName]
    /// What the kernel must say of a Unix socket's peer; nil for anything.
    package var uid: UInt32?
    package var gid: UInt32?

    package init(name: String, identity: String) {
        self.name = name
        self.identity = identity
        service = nil
        tenant = nil
        namespaces = []
        keys = []
        operations = []
        uid = nil
        gid = nil
    }
}

/// What a rule can speak of.
package enum OperationName: String, ConfigurationChoice {
    case get, list, put, delete, watch, evict, health, heartbeat

    /// Whether the operation is about keys of a namespace.
    package var concernsKeys: Bool {
        switch self {
        case .get, .list, .put, .delete, .watch, .evict: true
        case .health, .heartbeat: false
        }
    }
}
