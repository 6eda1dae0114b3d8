internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Azure Key Vault in the catalogue: `type: azure-key-vault`.
enum AzureCatalogueEntry {
    private static let type = "azure-key-vault"

    static let entry = CatalogueEntry(
        type: type,
        schema: ([
            "client-secret": .nested(["tenant-id": .text, "client-id": .text, "client-secret": .secret]),
            "credential": .text,
            "managed-identity": .nested(["client-id": .text, "object-id": .text, "resource-id": .text]),
            "vault-name": .text,
            "key-vault-uri": .text,
            "cloud": .text,
            "authority-host": .text,
            "verify-challenge-resource": .bool,
            "prefix": .text,
            "foreign-names": .bool,
            "forbidden-is-missing": .bool,
            "enforce-dates": .bool,
            "listing-lifetime": .duration,
        ] as SectionSchema).adding(WebSection.schema),
        secretVariables: ["AZURE_CLIENT_SECRET", "IDENTITY_HEADER", "MSI_SECRET"],
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        var warnings: [String] = []
        let options = AzureOptions(settings, reader, &warnings)
        let client = WebSection.read(reader)
        warnings += [WebSection.warning(about: options.address, client)].compactMap(\.self)
        return ReadyManager(warnings: warnings.map { "\(type): \($0)" }) { (surroundings) throws(CatalogueError) in
            let environment = surroundings.environment
            let authority = try authority(options, environment)
            let web = try WebSection.service(client, for: type)
            return AzureKeyVaultBackend(
                options: options,
                web: web,
                credentials: AzureCredentialSource.chain(
                    options,
                    authority: authority,
                    web: web,
                    environment: environment,
                    time: surroundings.time
                ),
                notices: surroundings.notices,
                time: surroundings.time
            )
        }
    }

    /// The configured one, that of the environment, or the cloud's own: secrets go there, so no answer of a server chooses it.
    private static func authority(
        _ options: AzureOptions,
        _ environment: any ConfigurationEnvironment
    ) throws(CatalogueError) -> String {
        let cloud = options.cloud ?? options.address.flatMap { AzureCloud(host: $0.host) } ?? .global
        guard let text = options.authority ?? environment.text("AZURE_AUTHORITY_HOST") else { return cloud.authority }
        do throws(HTTPAddress.Refusal) {
            return try HTTPAddress(text.contains("://") ? text : "https://\(text)").origin
        } catch {
            throw .refused(type: type, reason: "AZURE_AUTHORITY_HOST cannot be used: \(error)")
        }
    }
}

extension AzureOptions {
    private static let longestListing = Duration.seconds(3600)

    init(_ settings: SecretSettings, _ reader: ConfigurationReader, _ warnings: inout [String]) {
        isReadOnly = settings.readOnly
        tags = settings.tags
        filter = settings.readOnly ? settings.filterTags : [:]
        if filter.isEmpty, !settings.filterTags.isEmpty {
            warnings.append("filter-on-tags counts only with read-only: true")
        }
        readVault(reader, &warnings)
        readCredential(reader, &warnings)
        prefix = reader.optionalString("prefix").flatMap { $0.isEmpty ? nil : $0 }
        if let prefix, prefix.utf16.count > SecretTags.maximumCharacters || prefix.utf8.contains(0) {
            reader.report("prefix", "must be a text of at most \(SecretTags.maximumCharacters) characters")
        }
        let foreign = reader.bool("foreign-names", default: settings.readOnly)
        seesForeignNames = foreign && settings.readOnly
        if foreign, !settings.readOnly { warnings.append("foreign-names counts only with read-only: true") }
        takesForbiddenForMissing = reader.bool("forbidden-is-missing", default: false)
        enforcesDates = reader.bool("enforce-dates", default: enforcesDates)
        listingLifetime = reader.duration(
            "listing-lifetime",
            default: listingLifetime,
            in: .zero...Self.longestListing
        )
        if let fault = SecretTags.fault(tags, atMost: SecretTags.maximumFree) { reader.report("tags", fault) }
        if let taken = tags.keys.sorted().first(where: { SecretTags.Own(rawValue: $0) != nil }) {
            reader.report("tags", "\(taken) is the agent's own")
        }
    }

    private mutating func readVault(_ reader: ConfigurationReader, _ warnings: inout [String]) {
        cloud = reader.optionalChoice("cloud", AzureCloud.self)
        verifiesResource = reader.bool("verify-challenge-resource", default: verifiesResource)
        let name = reader.optionalString("vault-name").flatMap { $0.isEmpty ? nil : $0 }
        let uri = reader.optionalString("key-vault-uri").flatMap { $0.isEmpty ? nil : $0 }
        if let uri {
            address = WebSection.address(uri, "key-vault-uri", reader)
            if let own = address.flatMap({ AzureCloud(host: $0.host) }), let cloud, cloud != own {
                reader.report("cloud", "is not the cloud of key-vault-uri, which is \(own.rawValue)")
            }
        } else if let name {
            if Self.isVaultName(name) {
                address = try? HTTPAddress("https://\(name.lowercased()).\((cloud ?? .global).vaultSuffix)")
            } else {
                reader.report("vault-name", "must have 3 to 24 letters, digits and hyphens")
            }
        } else {
            warnings.append("neither vault-name nor key-vault-uri says which vault to use, so nothing can be read")
        }
    }

    private mutating func readCredential(_ reader: ConfigurationReader, _ warnings: inout [String]) {
        authority = reader.optionalString("authority-host").flatMap {
            WebSection.address($0.contains("://") ? $0 : "https://\($0)", "authority-host", reader)?.origin
        }
        if let nested = reader.optionalNested("client-secret") {
            let (tenant, client) = (nested.string("tenant-id"), nested.string("client-id"))
            if let secret = nested.secret("client-secret") {
                application = Application(tenant: tenant, client: client, secret: secret)
            }
            nested.finish()
            if reader.has("credential") {
                reader.report("credential", "is not used beside client-secret; remove one of them")
            }
            if !tenant.contains("."), !tenant.contains("-") {
                warnings.append("client-secret.tenant-id is neither a number nor a domain of a tenant")
            }
        }
        source = reader.choice("credential", default: source)
        guard let nested = reader.optionalNested("managed-identity") else { return }
        let given = ManagedIdentity.Kind.allCases.compactMap { kind in
            nested.optionalString(kind.rawValue).map { ManagedIdentity(kind: kind, value: $0) }
        }
        if given.count > 1 { reader.report("managed-identity", "must name the identity in one way only") }
        identity = given.first
        nested.finish()
    }

    private static func isVaultName(_ name: String) -> Bool {
        (3...24).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
