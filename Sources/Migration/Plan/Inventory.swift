internal import Secrets

/// Finds out which secrets there are at the source.
struct Inventory: Sendable {
    let source: Party
    let selection: MigrationSelection
    let stop: StopRequest

    static func tooMany(_ limits: MigrationLimits) -> MigrationFailure {
        .refused("there are more than \(limits.secrets) secrets: migrate them in parts, with --tenant and --namespace")
    }

    /// Every selected namespace, of every scope of the source. What a nearer scope hides from agents is not among them.
    func places() async throws(MigrationFailure) -> [NamespaceName] {
        var places: Set<NamespaceName> = []
        for scope in source.scopes.scopes {
            if let own = scope.tenant, let tenant = selection.tenant, !own.hasSameBytes(as: tenant) { continue }
            for name in try await names(of: scope) where selection.contains(name) {
                guard try source.scope(of: name) === scope else { continue }
                places.insert(name)
            }
        }
        return places.sorted()
    }

    private func names(of scope: Scope) async throws(MigrationFailure) -> [NamespaceName] {
        let tenant = selection.tenant ?? scope.tenant
        if scope.backend.capabilities.contains(.namespaces) {
            return try await source.namespaces(scope, tenant: tenant, stop)
        }
        guard let namespaces = selection.exact else {
            throw .refused(
                """
                the source's manager of scope \(scope.name) (\(scope.type)) cannot tell its namespaces: name each of them with \
                --namespace (--namespace "" is the root)
                """
            )
        }
        guard let tenant else {
            throw .refused(
                """
                the source's manager of scope \(scope.name) (\(scope.type)) cannot tell its tenants: name one with --tenant
                """
            )
        }
        return namespaces.map { NamespaceName(tenant: tenant, namespace: $0) }
    }

    /// The secrets of these namespaces.
    func secrets(
        of places: [NamespaceName],
        _ progress: (Int) -> Void
    ) async throws(MigrationFailure) -> [PlannedSecret] {
        for place in places {
            let scope = try source.scope(of: place)
            guard scope.backend.capabilities.contains(.list) else {
                throw .refused("the source's manager of scope \(scope.name) (\(scope.type)) cannot list names")
            }
        }
        var secrets: [PlannedSecret] = []
        var isTooMany = false
        let limits = source.limits
        try await Crew.run(places, breadth: limits.breadth) { (place) throws(MigrationFailure) in
            let entries = try await source.entries(place, stop)
            return entries.map { PlannedSecret($0, tenant: place.tenant) }
        } each: { found in
            isTooMany = isTooMany || secrets.count + found.count > limits.secrets
            if !isTooMany { secrets += found }
            progress(secrets.count)
        }
        guard !isTooMany else { throw Self.tooMany(limits) }
        return secrets.sorted { Self.precedes($0.name, $1.name) }
    }

    static func precedes(_ left: SecretName, _ right: SecretName) -> Bool {
        let places = (
            NamespaceName(tenant: left.tenant, namespace: left.namespace),
            NamespaceName(tenant: right.tenant, namespace: right.namespace)
        )
        return places.0 == places.1 ? left.key.utf8.lexicographicallyPrecedes(right.key.utf8) : places.0 < places.1
    }
}
