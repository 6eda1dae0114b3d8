/// What one authenticated peer may do.
public final class Access: Sendable {
    public let identity: WorkloadIdentity
    /// Of the policy that this was made from.
    public let generation: UInt64
    /// What the peer is, by its grants and else by its path.
    public let services: Set<ServiceType>
    /// Tenants it is granted, in the order of the grants; empty where it has no grant, or one for any tenant.
    public let tenants: [String]
    /// Whether a grant covers any tenant.
    public let hasEveryTenant: Bool
    private let serviceMask: ServiceMask
    let grants: [CompiledRule]
    let denials: [CompiledRule]

    init(identity: WorkloadIdentity, grants: [CompiledRule], denials: [CompiledRule], generation: UInt64) {
        self.identity = identity
        self.grants = grants
        self.denials = denials
        self.generation = generation
        var services = Set(grants.compactMap(\.service))
        if let own = identity.conventionalService { services.insert(own) }
        self.services = services
        serviceMask = ServiceMask(services)
        var tenants: [String] = []
        for tenant in grants.compactMap(\.tenant) where !tenants.contains(where: { $0.hasSameBytes(as: tenant) }) {
            tenants.append(tenant)
        }
        self.tenants = tenants
        defaultTenant = tenants.first ?? identity.conventionalTenant
        hasEveryTenant = grants.contains { $0.tenant == nil }
    }

    /// What the peer is, for the audit and for people.
    public var serviceNames: String { services.map(\.rawValue).sorted().joined(separator: ",") }

    /// The tenant of a request that names none.
    public let defaultTenant: String

    /// Decides about one name. Deny wins, and nothing is looked up to decide it.
    ///
    /// - Parameters:
    ///   - key: nil for an operation on a whole namespace.
    ///   - isolation: of the scope that the namespace belongs to.
    public func decide(
        _ operation: Operation,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>?,
        isolation: Isolation
    ) -> Decision {
        if isolation.denies(serviceMask) { return .denied(.serviceDenied, by: "isolation") }
        if grants.isEmpty { return .denied(.identityNotAllowed) }
        let wanted = Operations(operation)
        if let denial = denial(wanted, tenant: tenant, namespace: namespace, key: key) {
            return .denied(.namespaceNotAllowed, by: denial)
        }
        var closest = Decision.Refusal.tenantNotAllowed
        for index in grants.indices where grants[index].covers(tenant: tenant) {
            if closest == .tenantNotAllowed { closest = .namespaceNotAllowed }
            guard grants[index].covers(namespace: namespace) else { continue }
            if closest == .namespaceNotAllowed { closest = .keyNotAllowed }
            if let key, !grants[index].covers(key: key) { continue }
            closest = .operationNotAllowed
            if grants[index].operations.contains(wanted) { return .allowed(by: grants[index].name) }
        }
        return .denied(closest)
    }

    /// Decides about an operation that concerns no name, such as health.
    public func decide(_ operation: Operation) -> Decision {
        if grants.isEmpty { return .denied(.identityNotAllowed) }
        let wanted = Operations(operation)
        // A denial of some names says nothing about what has none.
        for rule in denials where rule.operations.contains(wanted) && rule.coversEveryName {
            return .denied(.operationNotAllowed, by: rule.name)
        }
        for rule in grants where rule.operations.contains(wanted) { return .allowed(by: rule.name) }
        return .denied(.operationNotAllowed)
    }

    /// Whether a denial closes a level of the climb to this peer.
    public func isDenied(
        _ operation: Operation,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>?
    ) -> Bool {
        !denials.isEmpty && denial(Operations(operation), tenant: tenant, namespace: namespace, key: key) != nil
    }

    /// Whether a level of the climb is closed to this peer: a denial is about it, or it belongs to a scope that keeps the
    /// peer's service type away.
    public func isClosed(
        _ operation: Operation,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>?,
        scopes: ScopeTable
    ) -> Bool {
        isClosed(
            operation,
            tenant: tenant,
            namespace: namespace,
            key: key,
            scope: scopes.find(tenant: tenant, namespace: namespace)
        )
    }

    /// The same for a level of the climb from a reference.
    public func isClosed(
        _ operation: Operation,
        _ reference: SecretReference,
        at level: String,
        scopes: ScopeTable
    ) -> Bool {
        isClosed(
            operation,
            tenant: reference.tenant.utf8Span.span,
            namespace: level.utf8Span.span,
            key: reference.key.utf8Span.span,
            scopes: scopes
        )
    }

    /// The same where the scope of the level is known.
    public func isClosed(
        _ operation: Operation,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>?,
        scope: Scope?
    ) -> Bool {
        if let scope, scope.isolation.denies(serviceMask) { return true }
        return isDenied(operation, tenant: tenant, namespace: namespace, key: key)
    }

    private func denial(
        _ wanted: Operations,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>?
    ) -> String? {
        for index in denials.indices {
            guard denials[index].operations.contains(wanted), denials[index].covers(tenant: tenant),
                denials[index].covers(namespace: namespace)
            else { continue }
            // A listing is denied only where the denial is about every key: else it would hide its neighbours.
            if let key {
                guard denials[index].covers(key: key) else { continue }
            } else if !denials[index].keys.contains(where: \.matchesAll) {
                continue
            }
            return denials[index].name
        }
        return nil
    }

    /// The grants in words, for WhoAmI.
    public var description: [GrantDescription] {
        grants.map { rule in
            GrantDescription(
                rule: rule.name,
                identity: rule.text,
                tenant: rule.tenant ?? "*",
                namespaces: rule.namespaces.map(\.text),
                keys: rule.keys.map(\.text),
                operations: rule.operations.names
            )
        }
    }
}

/// One grant as a peer is told of it.
public struct GrantDescription: Sendable, Equatable {
    public let rule: String
    public let identity: String
    public let tenant: String
    public let namespaces: [String]
    public let keys: [String]
    public let operations: [String]
}
