import SecretMemory

@testable import Secrets

/// How a look-up ended, in a form that can be compared.
enum Outcome: Equatable {
    case found(UInt8, in: String, Source)
    case notFound
    case noBackend
    case failed(BackendError)

    init(_ resolution: Resolution) {
        switch resolution {
        case .found(let secret, let source): self = .found(secret.mark, in: secret.namespace, source)
        case .notFound: self = .notFound
        case .noBackend: self = .noBackend
        case .failed(let error): self = .failed(error)
        }
    }
}

/// A resolver over one scripted manager for everything.
struct ResolverFixture: Sendable {
    let backend: ScriptedBackend
    let resolver: SecretResolver
    let scopes: ScopeTable

    /// Lifetimes are long, because a busy machine may take seconds between two steps of a test.
    init(
        _ policy: CachePolicy = .lasting(.seconds(3600), notFound: .seconds(600)),
        isReadOnly: Bool = false,
        capabilities: BackendCapabilities = [.list, .write]
    ) {
        backend = ScriptedBackend(capabilities: capabilities)
        resolver = SecretResolver(cache: Cache())
        scopes = ScopeTable([
            Scope(id: 1, name: "default", type: "scripted", backend: backend, cache: policy, isReadOnly: isReadOnly)
        ])
    }

    var cache: Cache { resolver.cache }
    var condition: Budget.Condition { scopes.scopes[0].budget.condition }

    /// Of calls whose deadline does not matter.
    private var deadline: BootInstant { .now.advanced(by: .seconds(600)) }

    func get(
        _ key: String = "KEY",
        in namespace: String,
        version: String = "",
        maximumAge: Int64? = nil,
        skipping closed: Set<String> = []
    ) async -> Outcome {
        let reference = SecretReference(
            tenant: "main",
            namespace: namespace,
            key: key,
            version: version,
            maximumAge: maximumAge
        )
        return Outcome(await resolver.resolve(reference, scopes: scopes, until: deadline) { closed.contains($0) })
    }

    func refresh(_ key: String = "KEY", in namespace: String) async {
        let reference = SecretReference(tenant: "main", namespace: namespace, key: key)
        await resolver.refresh(reference, scopes: scopes) { _ in false }
    }

    /// What the way without waiting says.
    func getCached(
        _ key: String = "KEY",
        in namespace: String,
        at now: BootInstant = .now,
        skipping closed: Set<String> = []
    ) -> (Outcome?, needsRefresh: Bool) {
        var found: ResolvedSecret?
        let answer = resolver.resolveCached(
            tenant: "main".utf8Span.span,
            namespace: namespace.utf8Span.span,
            key: key.utf8Span.span,
            version: "".utf8Span.span,
            maximumAge: nil,
            scopes: scopes,
            at: now,
            skipping: { level, _ in closed.contains { $0.hasSameBytes(as: level) } },
            reader: { found = $0 }
        )
        switch answer {
        case .none: return (nil, false)
        case .some(.notFound): return (.notFound, false)
        case .some(.found): return (found.map { .found($0.mark, in: $0.namespace, .cached) }, false)
        case .some(.foundNeedsRefresh): return (found.map { .found($0.mark, in: $0.namespace, .cached) }, true)
        }
    }

    func put(_ mark: UInt8, _ key: String = "KEY", in namespace: String) async throws -> String? {
        let name = SecretName(tenant: "main", namespace: namespace, key: key)
        return try await resolver.put(
            SecretWrite(name: name),
            value: SharedSecret(.marked(mark)),
            scopes: scopes,
            until: deadline
        )
    }
}
