internal import Backends
internal import Configuration
internal import SecretMemory
internal import Secrets
internal import TLS

/// Reads a configuration as the agent would, without serving.
package struct ConfigurationCheck: Sendable {
    /// Everything that is wrong.
    package struct Failure: Error, Equatable, Sendable {
        /// At least one, a line each.
        package let problems: [String]
    }

    /// What became of a part that `connect()` tried.
    package struct Finding: Equatable, Sendable {
        package enum Outcome: Sendable {
            case good
            /// The agent would not start with it.
            case refused
            /// The agent would start, and try again.
            case unreachable
        }

        /// What was tried.
        package let subject: String
        package let outcome: Outcome
        /// For a person.
        package let message: String
    }

    /// What was skipped or read another way.
    package let notes: [String]
    /// What works and should be done better, and what this build of the agent refuses at start.
    package let warnings: [String]
    /// The settings in force as YAML, secrets masked.
    package let effectiveText: String
    let settings: AgentSettings
    let environment: ProcessEnvironment

    /// Loads and judges, without a look at anything but the files of the configuration and the environment.
    package init(files: [String]) throws(Failure) { try self.init(files: files, environment: ProcessEnvironment()) }

    /// - Parameter environment: keeps the secrets that are taken out of the environment block, for another configuration too.
    init(files: [String], environment: ProcessEnvironment) throws(Failure) {
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) {
            loaded = try Configuration.load(files: files, environment: environment, catalogue: Catalogue.managers)
        } catch {
            throw Failure(problems: Self.lines(error))
        }
        do throws(MemoryError) { try environment.erase(loaded.secretVariables) } catch {
            throw Failure(problems: ["there is no locked memory for the secrets of the environment: \(error)"])
        }
        var problems: [String] = []
        var warnings = loaded.warnings.map(\.description)
        do throws(PolicyFault) { _ = try Policy(loaded.settings.policy, generation: 0) } catch {
            problems.append("tacit.policy: \(error)")
        }
        for scope in Self.scopes(of: loaded.settings) {
            do throws(CatalogueError) {
                warnings += try Catalogue.read(scope.secret).warnings.map { "\(scope.name): \($0)" }
            } catch {
                switch error {
                case .configuration(let error): problems += Self.lines(error)
                default: problems.append("\(scope.name): \(error)")
                }
            }
        }
        guard problems.isEmpty else { throw Failure(problems: problems) }
        notes = loaded.notes.map(\.description)
        self.warnings = warnings
        effectiveText = loaded.effectiveText()
        settings = loaded.settings
        self.environment = environment
    }

    /// Reads the certificates, and makes and connects each secrets manager, one after the other.
    package func connect() async -> [Finding] {
        var findings = [certificates()]
        for scope in Self.scopes(of: settings) { findings.append(await connect(scope)) }
        return findings
    }

    private func certificates() -> Finding {
        let files = TLSFiles(
            certificate: settings.tls.certificate,
            privateKey: settings.tls.privateKey,
            authority: settings.tls.clientCA,
            revocationList: settings.tls.revocationList
        )
        do throws(TLSError) {
            let warnings = try ServerContext(files: files).warnings.map { "\($0)" }
            return Finding(subject: "tacit.tls", outcome: .good, message: (["good"] + warnings).joined(separator: "; "))
        } catch {
            return Finding(subject: "tacit.tls", outcome: .refused, message: error.description)
        }
    }

    private func connect(_ scope: NamedScope) async -> Finding {
        let subject = "\(scope.name) (\(scope.secret.type))"
        let backend: any SecretBackend
        do throws(CatalogueError) {
            backend = try Catalogue.read(scope.secret).make(ManagerSurroundings(environment: environment))
        } catch {
            return Finding(subject: subject, outcome: .refused, message: error.description)
        }
        do throws(BackendError) {
            try await backend.connect()
            await backend.close()
            return Finding(subject: subject, outcome: .good, message: "connected")
        } catch {
            await backend.close()
            let outcome: Finding.Outcome = error.mayPass ? .unreachable : .refused
            return Finding(subject: subject, outcome: outcome, message: error.words)
        }
    }

    private struct NamedScope {
        let name: String
        let secret: SecretSettings
    }

    /// The managers in the order in which the agent makes them.
    private static func scopes(of settings: AgentSettings) -> [NamedScope] {
        settings.scopes.map { scope in
            NamedScope(
                name: "the secrets manager of \(scope.tenant)\(scope.namespace.map { "/\($0)" } ?? "")",
                secret: scope.secret
            )
        } + [NamedScope(name: "the secrets manager kestra.secret", secret: settings.kestra.secret)]
    }

    private static func lines(_ error: ConfigurationError) -> [String] {
        error.description.split(separator: "\n").map(String.init)
    }
}
