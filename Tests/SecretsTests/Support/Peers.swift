import Secrets

/// Shorthand for rules and peers.
enum Peers {
    static let worker = "spiffe://example.org/tenant/main/service/worker"

    static func identity(_ uri: String) throws -> WorkloadIdentity {
        guard let identity = WorkloadIdentity(uri: uri) else { throw NoIdentity(uri: uri) }
        return identity
    }

    static func access(
        _ uri: String = worker,
        grants: [PolicyRule],
        denials: [PolicyRule] = [],
        uid: UInt32? = nil,
        gid: UInt32? = nil
    ) throws -> Access {
        Policy(grants: grants, denials: denials, generation: 1).access(for: try identity(uri), uid: uid, gid: gid)
    }

    struct NoIdentity: Error { let uri: String }
}

extension Access {
    /// The decision about names in text.
    func decide(
        _ operation: Operation,
        tenant: String = "main",
        _ namespace: String,
        _ key: String? = "KEY",
        isolation: Isolation = .off
    ) -> Decision {
        let (tenant, namespace) = (tenant.utf8Span.span, namespace.utf8Span.span)
        guard let key else {
            return decide(operation, tenant: tenant, namespace: namespace, key: nil, isolation: isolation)
        }
        let bytes = key.utf8Span.span
        return decide(operation, tenant: tenant, namespace: namespace, key: bytes, isolation: isolation)
    }

    /// The decision about reading.
    func decide(
        tenant: String = "main",
        _ namespace: String,
        _ key: String? = "KEY",
        isolation: Isolation = .off
    ) -> Decision {
        decide(.get, tenant: tenant, namespace, key, isolation: isolation)
    }

    func allows(tenant: String = "main", _ namespace: String, _ key: String? = "KEY") -> Bool {
        decide(tenant: tenant, namespace, key).isAllowed
    }
}

extension Operations {
    static let reading: Operations = [Operations(.get), Operations(.list)]
    static let everything = Operation.allCases.reduce(into: Operations()) { $0.insert(Operations($1)) }
}
