internal import Backends
internal import Configuration
internal import Logging
internal import Secrets
internal import TLS

/// Makes what a reload replaces from what was configured.
struct SnapshotBuilder {
    let environment: any ConfigurationEnvironment
    let log: Logger
    /// The number of the last scope. It comes round after 65,536 scopes, long after the values cached under it have gone.
    private var nextScope: UInt16 = 0
    private var nextGeneration: UInt64 = 0

    init(environment: any ConfigurationEnvironment, log: Logger) {
        self.environment = environment
        self.log = log
    }

    /// Reads certificates, makes the managers and connects them.
    ///
    /// - Throws: what is wrong; nothing of the new is in use then.
    mutating func build(_ settings: AgentSettings) async throws(AgentFailure) -> Snapshot {
        nextGeneration += 1
        let policy: Policy
        do throws(PolicyFault) { policy = try Policy(settings.policy, generation: nextGeneration) } catch {
            throw AgentFailure("tacit.policy: \(error)")
        }
        let context = try Self.context(settings.tls)
        for warning in context.warnings { log.warning("\(warning)") }
        return Snapshot(policy: policy, scopes: try await scopes(settings), context: context)
    }

    /// The same rules and managers with certificates read anew.
    static func replacingCertificates(of snapshot: Snapshot, _ settings: TLSSettings) throws(AgentFailure) -> Snapshot {
        Snapshot(policy: snapshot.policy, scopes: snapshot.scopes, context: try context(settings))
    }

    private static func context(_ settings: TLSSettings) throws(AgentFailure) -> ServerContext {
        let files = TLSFiles(
            certificate: settings.certificate,
            privateKey: settings.privateKey,
            authority: settings.clientCA,
            revocationList: settings.revocationList
        )
        do throws(TLSError) { return try ServerContext(files: files) } catch { throw AgentFailure("\(error)") }
    }

    private mutating func scopes(_ settings: AgentSettings) async throws(AgentFailure) -> ScopeTable {
        var scopes: [Scope] = []
        for scope in settings.scopes {
            let name = scope.tenant + (scope.namespace.map { "/\($0)" } ?? "")
            let rules = BudgetRules(scope.secret.budget, settings.kestra.retries)
            scopes.append(try make(name, tenant: scope.tenant, namespace: scope.namespace, scope.secret, rules))
        }
        let rules = BudgetRules(settings.kestra.secret.budget, settings.kestra.retries)
        scopes.append(try make("default", tenant: nil, namespace: nil, settings.kestra.secret, rules))
        try await connect(scopes)
        return ScopeTable(scopes)
    }

    private mutating func make(
        _ name: String,
        tenant: String?,
        namespace: String?,
        _ settings: SecretSettings,
        _ rules: BudgetRules
    ) throws(AgentFailure) -> Scope {
        let log = log
        let surroundings = ManagerSurroundings(environment: environment) { notice in
            log.notice("\(notice)", metadata: ["scope": "\(name)"])
        }
        let backend: any SecretBackend
        do throws(CatalogueError) {
            let ready = try Catalogue.read(settings)
            for warning in ready.warnings { log.warning("\(warning)", metadata: ["scope": "\(name)"]) }
            backend = try ready.make(surroundings)
        } catch {
            throw AgentFailure("the secrets manager of scope \(name): \(error)")
        }
        let backendLog = BackendLog(log, scope: name)
        nextScope &+= 1
        return Scope(
            id: nextScope,
            name: name,
            tenant: tenant,
            namespace: namespace,
            type: settings.type,
            backend: backend,
            cache: CachePolicy(settings.cache),
            isolation: Isolation(settings.isolation),
            isReadOnly: settings.readOnly,
            budget: Budget(rules) { backendLog.note($0) }
        )
    }

    /// How long a start or a reload waits for managers that do not answer.
    private static let patience = Duration.seconds(20)

    /// Connects all at once, so that many that are away do not make a start longer than one does.
    private func connect(_ scopes: [Scope]) async throws(AgentFailure) {
        let failures = await withTaskGroup(of: (Scope, BackendError)?.self) { group in
            for scope in scopes {
                group.addTask {
                    do throws(BackendError) {
                        try await Self.connect(scope.backend)
                        return nil
                    } catch {
                        return (scope, error)
                    }
                }
            }
            return await group.reduce(into: [(Scope, BackendError)]()) { if let failure = $1 { $0.append(failure) } }
        }
        for (scope, error) in failures {
            // A manager that is away now may come back; whatever else is wrong will not mend itself.
            guard error.mayPass else {
                throw AgentFailure("the secrets manager of scope \(scope.name) (\(scope.type)): \(Self.words(error))")
            }
            log.error(
                "a secrets manager cannot be reached yet",
                metadata: ["scope": "\(scope.name)", "detail": "\(Self.words(error))"]
            )
        }
    }

    /// Gives up where it takes too long.
    private static func connect(_ backend: any SecretBackend) async throws(BackendError) {
        let attempt = Task { () async -> Result<Void, BackendError> in
            do throws(BackendError) { return .success(try await backend.connect()) } catch { return .failure(error) }
        }
        let limit = Task {
            try? await Task.sleep(for: patience)
            attempt.cancel()
        }
        defer { limit.cancel() }
        let outcome = await withTaskCancellationHandler {
            await attempt.value
        } onCancel: {
            attempt.cancel()
        }
        try outcome.get()
    }

    static func words(_ error: BackendError) -> String {
        switch error {
        case .denied(let detail), .forbidden(let detail), .malformed(let detail), .unsupported(let detail),
            .unavailable(let detail, _):
            detail
        case .throttled: "it asks for fewer requests"
        default: "\(error)"
        }
    }
}
