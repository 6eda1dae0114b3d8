internal import Configuration
internal import Logging
internal import Secrets
internal import TLS

/// Makes what a reload replaces from what was configured.
struct SnapshotBuilder {
    let log: Logger
    private var scopeBuilder: ScopeBuilder
    private var nextGeneration: UInt64 = 0

    init(environment: any ConfigurationEnvironment, log: Logger) {
        self.log = log
        scopeBuilder = ScopeBuilder(environment: environment, log: log)
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
        let scopes = try scopeBuilder.make(settings)
        for (scope, error) in await ScopeBuilder.connect(scopes) {
            // A manager that is away now may come back; whatever else is wrong will not mend itself.
            guard error.mayPass else {
                throw AgentFailure(
                    "the secrets manager of scope \(scope.name) (\(scope.type)): \(error.words)"
                )
            }
            log.error(
                "a secrets manager cannot be reached yet",
                metadata: ["scope": "\(scope.name)", "detail": "\(error.words)"]
            )
        }
        return ScopeTable(scopes)
    }
}
