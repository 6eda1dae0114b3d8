internal import HTTP
internal import Secrets

/// The secrets of one Azure Key Vault.
final class AzureKeyVaultBackend: SecretBackend {
    let options: AzureOptions
    let naming: SecretNaming
    let foreign: ForeignNames
    let time: TimeSource
    private let notices: BackendNotices
    /// nil where the configuration does not say which vault.
    private let service: (vault: KeyVaultService, listing: KeyVaultListing)?

    init(
        options: AzureOptions,
        web: WebService,
        credentials: AzureCredentialChain,
        notices: @escaping BackendNotices,
        time: TimeSource
    ) {
        let naming = SecretNaming(prefix: options.prefix)
        let foreign = ForeignNames(naming)
        self.options = options
        self.naming = naming
        self.foreign = foreign
        self.time = time
        self.notices = notices
        service = options.address.map { address in
            let tokens = KeyVaultTokens(
                vault: address,
                resource: AzureCloud(host: address.host)?.resource,
                verifiesResource: options.verifiesResource,
                credentials: credentials,
                time: time
            )
            let vault = KeyVaultService(web: web, address: address, tokens: tokens, time: time)
            let listing = KeyVaultListing(vault, names: foreign, time: time) { secret in
                secret.tags.satisfy(options.filter)
                    && (options.seesForeignNames || Self.isOwn(secret, naming))
            }
            return (vault, listing)
        }
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        options.isReadOnly ? [.list, .versions] : [.list, .versions, .write]
    }

    /// A token, and an answer of the vault to somebody who has it. Whether there may be more is for the vault to say each time.
    func connect() async throws(BackendError) {
        let vault = try vault()
        let action = "asking \(vault.address.origin) for a secret"
        let answer = try await vault.ask(.get, "/secrets/\(Self.probeName)")
        if answer.isSuccess { return }
        switch answer.refusal {
        case .missing, .disabled: return
        case .noPermission:
            // Roles can be given for single secrets, and new ones need some minutes.
            notices(
                """
                azure-key-vault: \(vault.address.origin) accepts the credential, and its access policy or roles do not let it \
                read all secrets
                """
            )
        default: throw answer.error(doing: action)
        }
    }

    func close() async {
        service?.listing.close()
        service?.vault.tokens.close()
        service?.vault.web.close()
    }

    func place(of name: SecretName) -> String {
        let own = (try? naming.vaultName(of: name)) ?? "?"
        return "\(options.address?.origin ?? "https://?")/secrets/\(own)"
    }

    // MARK: Pieces

    /// A name that nobody gives a secret, because what it is asked for is only whether an answer comes.
    private static let probeName = "tacit-connection-check"

    func vault() throws(BackendError) -> KeyVaultService { try parts().vault }

    func listing() throws(BackendError) -> KeyVaultListing { try parts().listing }

    private func parts() throws(BackendError) -> (vault: KeyVaultService, listing: KeyVaultListing) {
        guard let service else {
            throw .unsupported(detail: "azure-key-vault: neither vault-name nor key-vault-uri says which vault to use")
        }
        return service
    }

    /// Whether the agent wrote it: the name is the one that its labels give.
    static func isOwn(_ secret: KeyVaultSecret, _ naming: SecretNaming) -> Bool {
        guard let name = secret.tags.name else { return false }
        return (try? naming.vaultName(of: name)).map(secret.hasName) == true
    }
}
