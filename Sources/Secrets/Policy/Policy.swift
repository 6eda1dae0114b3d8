/// All grants and denials of a configuration. Immutable: a reload makes another.
public final class Policy: Sendable {
    /// Tells one policy from the one before it, so that connections know when to compile again.
    public let generation: UInt64
    let grants: [PolicyRule]
    let denials: [PolicyRule]

    public init(grants: [PolicyRule], denials: [PolicyRule], generation: UInt64) {
        self.grants = grants
        self.denials = denials
        self.generation = generation
    }

    /// Works out once what one peer may do, so that a request costs a few comparisons.
    ///
    /// - Parameters:
    ///   - identity: from the authenticated certificate.
    ///   - uid: of the process at the other end of a Unix socket; nil elsewhere.
    public func access(for identity: WorkloadIdentity, uid: UInt32?, gid: UInt32?) -> Access {
        let granted = grants.enumerated().compactMap { index, rule in
            CompiledRule(rule, named: "grants[\(index)]", for: identity, uid: uid, gid: gid, isDenial: false)
        }
        let denied = denials.enumerated().compactMap { index, rule in
            CompiledRule(rule, named: "denials[\(index)]", for: identity, uid: uid, gid: gid, isDenial: true)
        }
        return Access(identity: identity, grants: granted, denials: denied, generation: generation)
    }
}

/// A rule as it applies to one peer, its captures filled in. A class, because a request would copy each rule it looks at.
final class CompiledRule: Sendable {
    let name: String
    let text: String
    let service: ServiceType?
    /// nil: any tenant.
    let tenant: String?
    private let tenantBytes: [UInt8]
    let namespaces: [NamespacePattern]
    let keys: [KeyPattern]
    let operations: Operations

    /// - Parameter isDenial: a capture that gives no valid pattern makes a denial cover everything and a grant nothing, so that
    ///   a strange certificate never gains by it.
    init?(
        _ rule: PolicyRule,
        named name: String,
        for identity: WorkloadIdentity,
        uid: UInt32?,
        gid: UInt32?,
        isDenial: Bool
    ) {
        guard let captures = rule.identity.match(identity) else { return nil }
        if let required = rule.uid, required != uid { return nil }
        if let required = rule.gid, required != gid { return nil }
        func filled(_ text: String) -> String? { CaptureTemplate(text).filled(with: captures) }
        self.name = name
        text = rule.identity.text
        if let service = rule.service {
            let known = filled(service).flatMap { ServiceType(name: $0) }
            if isDenial {
                // Here the type is a condition. A peer whose path does not say what it is counts as meant.
                if let known, let own = identity.conventionalService, own != known { return nil }
            } else if known == nil {
                return nil
            }
            self.service = known
        } else {
            // A type that nobody knows is not a peer without one.
            if !isDenial, identity.namesUnknownService { return nil }
            service = identity.conventionalService
        }
        switch rule.tenant {
        case .none: tenant = identity.conventionalTenant
        case .some("*"): tenant = nil
        case .some(let text):
            tenant = filled(text)
            if tenant == nil, !isDenial { return nil }
        }
        tenantBytes = Array((tenant ?? "").utf8)
        namespaces = rule.namespaces.compactMap { text in
            filled(text).flatMap { try? NamespacePattern($0) } ?? (isDenial ? .everything : nil)
        }
        keys = rule.keys.compactMap { text in
            filled(text).flatMap { try? KeyPattern($0) } ?? (isDenial ? .every : nil)
        }
        operations = rule.operations
    }

    func covers(tenant name: Span<UInt8>) -> Bool {
        if tenant == nil { return true }
        let own = tenantBytes
        return name.equals(own.span)
    }

    var coversEveryName: Bool {
        namespaces.contains(.everything) && keys.contains(where: \.matchesAll)
    }

    func covers(namespace: Span<UInt8>) -> Bool {
        for index in namespaces.indices where namespaces[index].matches(namespace) { return true }
        return false
    }

    func covers(key: Span<UInt8>) -> Bool {
        for index in keys.indices where keys[index].matches(key) { return true }
        return false
    }
}
