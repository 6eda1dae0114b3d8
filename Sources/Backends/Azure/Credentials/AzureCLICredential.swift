internal import Configuration
internal import SecretMemory
internal import Secrets

/// The token that the Azure CLI has left in its cache file.
///
/// The agent starts no programs, so it cannot ask `az` for a new one: it uses what is there for as long as it is valid. The
/// file's form is that of the library behind the CLI and not promised by anybody.
struct AzureCLICredential: AzureCredential {
    private static let maximumFileBytes = 1 << 20
    /// A token that ends sooner is not worth beginning with.
    private static let leastLifetime = Duration.seconds(60)

    let title = "azure-cli"
    /// `msal_token_cache.json`; nil where the environment does not say where it would be.
    let file: String?
    let time: TimeSource

    init(_ environment: any ConfigurationEnvironment, time: TimeSource) {
        let folder = environment.text("AZURE_CONFIG_DIR") ?? environment.text("HOME").map { "\($0)/.azure" }
        file = folder.map { "\($0)/msal_token_cache.json" }
        self.time = time
    }

    func token(for demand: TokenDemand) async throws(CredentialFailure) -> AzureToken {
        guard let file else { throw .absent(reason: "neither AZURE_CONFIG_DIR nor HOME is set") }
        let content: SharedSecret
        do throws(FileError) {
            content = try SecretFile.readSecret(file, limit: Self.maximumFileBytes)
        } catch {
            throw .absent(reason: "\(file): \(error.message)")
        }
        let copy: SecretBytes
        do throws(MemoryError) { copy = try content.value.copy(account: .general) } catch {
            throw .failed(.memory(error))
        }
        let document: JSONDocument
        do throws(JSONDocument.Malformed) { document = try JSONDocument(copy) } catch {
            throw .absent(reason: "\(file) is no token cache, or is encrypted")
        }
        do throws(MemoryError) {
            if let token = try token(in: document, for: demand) { return token }
        } catch {
            throw .failed(.memory(error))
        }
        throw .absent(
            reason: """
                \(file) has no valid token; run: az account get-access-token --resource \(demand.resource) --output none
                """
        )
    }

    /// The valid token that lasts longest.
    private func token(
        in document: borrowing JSONDocument,
        for demand: TokenDemand
    ) throws(MemoryError) -> AzureToken? {
        guard let tokens = document.node("AccessToken") else { return nil }
        var best: (node: JSONDocument.Node, lifetime: Duration)?
        for (_, entry) in document.members(of: tokens) {
            let targets = document.string(document.node("target", in: entry))?.split(separator: " ") ?? []
            guard targets.contains(where: { $0.hasPrefix("\(demand.resource)/") }),
                let end = document.string(document.node("expires_on", in: entry)).flatMap({ Int64($0) }),
                let secret = document.node("secret", in: entry), document.kind(secret) == .string
            else { continue }
            if let tenant = demand.tenant, document.string(document.node("realm", in: entry)) != tenant { continue }
            let lifetime = Duration.seconds(min(max(end, 0), 1 << 40)) - .milliseconds(time.wall())
            if lifetime >= Self.leastLifetime, lifetime > best?.lifetime ?? .zero { best = (secret, lifetime) }
        }
        guard let best else { return nil }
        let secret = SharedSecret(try document.secret(best.node, account: .general))
        return AzureToken(secret: secret, lifetime: best.lifetime)
    }
}
