internal import Configuration
internal import Secrets

/// Where tokens come from when the section has no application of its own: `credential`.
enum AzureCredentialSource: String, ConfigurationChoice {
    /// All of them, in this order.
    case any = "default"
    case environment
    case workloadIdentity = "workload-identity"
    case managedIdentity = "managed-identity"
    case azureCLI = "azure-cli"

    /// The sources to ask, in order.
    ///
    /// - Parameter authority: who gives tokens to applications.
    static func chain(
        _ options: AzureOptions,
        authority: String,
        web: WebService,
        environment: any ConfigurationEnvironment,
        time: TimeSource
    ) -> AzureCredentialChain {
        let make = CredentialMaker(
            options: options,
            authority: authority,
            web: web,
            environment: environment,
            time: time
        )
        if let application = options.application { return AzureCredentialChain([make.application(application)]) }
        return switch options.source {
        case .any:
            AzureCredentialChain([
                make.environmentSecret(), make.workload(), make.machine(looksFirst: true), make.commandLine(),
            ])
        case .environment: AzureCredentialChain([make.environmentSecret()])
        case .workloadIdentity: AzureCredentialChain([make.workload()])
        case .managedIdentity: AzureCredentialChain([make.machine(looksFirst: false)])
        case .azureCLI: AzureCredentialChain([make.commandLine()])
        }
    }
}

/// Makes credentials out of what the configuration and the environment say.
private struct CredentialMaker {
    let options: AzureOptions
    let authority: String
    let web: WebService
    let environment: any ConfigurationEnvironment
    let time: TimeSource

    func application(_ application: AzureOptions.Application) -> any AzureCredential {
        ClientSecretCredential(
            title: "client-secret",
            authority: authority(of: application.tenant),
            client: application.client,
            secret: application.secret
        )
    }

    func environmentSecret() -> any AzureCredential {
        let title = AzureCredentialSource.environment.rawValue
        guard let tenant = environment.text("AZURE_TENANT_ID"), let client = environment.text("AZURE_CLIENT_ID") else {
            return MissingCredential(
                title: title,
                failure: .absent(reason: "AZURE_TENANT_ID and AZURE_CLIENT_ID are not set")
            )
        }
        if let secret = environment.secret("AZURE_CLIENT_SECRET") {
            return ClientSecretCredential(
                title: title,
                authority: authority(of: tenant),
                client: client,
                secret: secret
            )
        }
        if environment.text("AZURE_CLIENT_CERTIFICATE_PATH") != nil {
            let detail =
                "AZURE_CLIENT_CERTIFICATE_PATH: certificates of applications are not supported; use a federated token"
            return MissingCredential(title: title, failure: .failed(.unsupported(detail: detail)))
        }
        return MissingCredential(title: title, failure: .absent(reason: "AZURE_CLIENT_SECRET is not set"))
    }

    func workload() -> any AzureCredential {
        guard let tenant = environment.text("AZURE_TENANT_ID"), let client = environment.text("AZURE_CLIENT_ID"),
            let file = environment.text("AZURE_FEDERATED_TOKEN_FILE")
        else {
            return MissingCredential(
                title: AzureCredentialSource.workloadIdentity.rawValue,
                failure: .absent(
                    reason: "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE are not all set"
                )
            )
        }
        return WorkloadIdentityCredential(authority: authority(of: tenant), client: client, file: file)
    }

    func machine(looksFirst: Bool) -> any AzureCredential {
        let client = environment.text("AZURE_CLIENT_ID").map { ManagedIdentity(kind: .client, value: $0) }
        return ManagedIdentityCredential(
            web: web,
            host: MetadataHost(environment),
            identity: options.identity ?? client,
            looksFirst: looksFirst,
            time: time
        )
    }

    func commandLine() -> any AzureCredential { AzureCLICredential(environment, time: time) }

    private func authority(of tenant: String) -> Authority {
        Authority(web: web, origin: authority, tenant: tenant, time: time)
    }
}

/// Stands for a source that cannot be asked, and says why.
private struct MissingCredential: AzureCredential {
    let title: String
    let failure: CredentialFailure

    func token(for demand: TokenDemand) async throws(CredentialFailure) -> AzureToken { throw failure }
}
