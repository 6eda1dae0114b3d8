internal import Backends
internal import Configuration
internal import Logging
internal import Secrets

/// Makes the managers of a configuration: a scope for each.
struct ScopeBuilder {
    let environment: any ConfigurationEnvironment
    let log: Logger
    let purpose: ManagerPurpose
    /// The number of the last scope. It comes round after 65,536 scopes, long after the values cached under it have gone.
    private var nextScope: UInt16 = 0

    init(environment: any ConfigurationEnvironment, log: Logger, purpose: ManagerPurpose = .serving) {
        self.environment = environment
        self.log = log
        self.purpose = purpose
    }

    /// Makes them, and asks none of them anything.
    mutating func make(_ settings: AgentSettings) throws(AgentFailure) -> [Scope] {
        var scopes: [Scope] = []
        for scope in settings.scopes {
            let name = scope.tenant + (scope.namespace.map { "/\($0)" } ?? "")
            let rules = BudgetRules(scope.secret.budget, settings.kestra.retries)
            scopes.append(try make(name, tenant: scope.tenant, namespace: scope.namespace, scope.secret, rules))
        }
        let rules = BudgetRules(settings.kestra.secret.budget, settings.kestra.retries)
        scopes.append(try make("default", tenant: nil, namespace: nil, settings.kestra.secret, rules))
        return scopes
    }

    private mutating func make(
        _ name: String,
        tenant: String?,
        namespace: String?,
        _ settings: SecretSettings,
        _ rules: BudgetRules
    ) throws(AgentFailure) -> Scope {
        let log = log
        let surroundings = ManagerSurroundings(
            environment: environment,
            notices: { notice in log.notice("\(notice)", metadata: ["scope": "\(name)"]) },
            purpose: purpose
        )
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
    ///
    /// - Returns: those that could not be connected.
    static func connect(_ scopes: [Scope]) async -> [(scope: Scope, error: BackendError)] {
        await withTaskGroup(of: (Scope, BackendError)?.self) { group in
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
            return await group.reduce(into: []) { if let failure = $1 { $0.append(failure) } }
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
}
