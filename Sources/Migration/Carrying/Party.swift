internal import SecretMemory
internal import Secrets

/// One of the two sides: the managers of a configuration, each asked within its budget.
struct Party: Sendable {
    let side: MigrationSide
    let scopes: ScopeTable
    let limits: MigrationLimits

    /// The scope of a namespace.
    func scope(of name: NamespaceName) throws(MigrationFailure) -> Scope {
        guard let scope = scopes.find(tenant: name.tenant, namespace: name.namespace) else {
            throw .refused("no manager of the \(side.rawValue) is configured for namespace \(name.namespace)")
        }
        return scope
    }

    /// Makes a call, and makes it again as the budget says.
    func call<Success: ~Copyable>(
        _ scope: Scope,
        _ kind: Budget.Kind = .read,
        _ call: () async throws(BackendError) -> Success
    ) async throws(BackendError) -> Success {
        try await scope.budget.run(kind, until: BootInstant.now.advanced(by: limits.patience), call)
    }

    /// The current value; nil where there is none.
    func read(_ name: SecretName, _ scope: Scope) async throws(BackendError) -> SharedSecret? {
        let fetched = try await call(scope) { () throws(BackendError) in
            try await scope.backend.get(name, version: nil)
        }
        guard let secret = fetched else { return nil }
        return SharedSecret(secret.takeValue())
    }

    /// A failure that concerns more than one secret.
    func failure(_ scope: Scope, _ error: BackendError) -> MigrationFailure {
        .manager(side, scope: "\(scope.name) (\(scope.type))", error)
    }

    /// Entries of a namespace.
    ///
    /// - Parameters:
    ///   - after: only keys after this one.
    ///   - last: with what comes after this key, the caller can do nothing; nil where it can.
    func entries(
        _ name: NamespaceName,
        after: String = "",
        last: String? = nil,
        _ stop: StopRequest
    ) async throws(MigrationFailure) -> [SecretEntry] {
        let scope = try scope(of: name)
        var entries: [SecretEntry] = []
        while true {
            guard !stop.isMade else { throw .stopped }
            let query = ListQuery(
                tenant: name.tenant,
                namespace: name.namespace,
                after: entries.last?.key ?? after,
                limit: limits.page
            )
            let page: ListPage
            do throws(BackendError) {
                page = try await call(scope) { () throws(BackendError) in try await scope.backend.list(query) }
            } catch {
                throw failure(scope, error)
            }
            entries += page.entries
            guard page.hasMore, let end = page.entries.last?.key else { return entries }
            if let last, last.utf8.lexicographicallyPrecedes(end.utf8) { return entries }
            guard entries.count <= limits.secrets else { throw Inventory.tooMany(limits) }
        }
    }

    /// All namespaces of a scope, whoever is nearest to them.
    func namespaces(
        _ scope: Scope,
        tenant: String?,
        _ stop: StopRequest
    ) async throws(MigrationFailure) -> [NamespaceName] {
        var names: [NamespaceName] = []
        while true {
            guard !stop.isMade else { throw .stopped }
            let query = NamespaceQuery(tenant: tenant, after: names.last, limit: limits.page)
            let page: NamespacePage
            do throws(BackendError) {
                page = try await call(scope) { () throws(BackendError) in try await scope.backend.namespaces(query) }
            } catch {
                throw failure(scope, error)
            }
            names += page.namespaces
            guard page.hasMore, !page.namespaces.isEmpty else { return names }
            guard names.count <= limits.secrets else { throw Inventory.tooMany(limits) }
        }
    }
}
