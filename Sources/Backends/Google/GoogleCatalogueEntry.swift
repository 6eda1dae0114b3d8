internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Google Secret Manager in the catalogue: `type: google-secret-manager`.
enum GoogleCatalogueEntry {
    private static let type = "google-secret-manager"
    /// As it is written in names; tenant, namespace and key need the rest.
    private static let maximumPrefixCharacters = 100

    static let entry = CatalogueEntry(
        type: type,
        schema: ([
            "project": .text,
            "service-account": .secret,
            "prefix": .text,
            "location": .text,
            "endpoint-override": .text,
            "filter-lifetime": .duration,
            "flat-names": .bool,
            "forbidden-is-missing": .bool,
            "replica-locations": .list,
            "superseded-versions": .text,
            "quota-project": .text,
            "self-signed-tokens": .bool,
            "token-hosts": .list,
            "universe-domain": .text,
        ] as SectionSchema).adding(WebSection.schema),
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        var warnings: [String] = []
        let web = WebSection.read(reader)
        let options = options(settings, reader, web, &warnings)
        let configured = credential(reader, options, &warnings)
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            let service = try WebSection.service(web, for: type)
            return GoogleBackend(options: options, configured: configured, web: service, surroundings: surroundings)
        }
    }

    private static func options(
        _ settings: SecretSettings,
        _ reader: ConfigurationReader,
        _ web: HTTPClientSettings,
        _ warnings: inout [String]
    ) -> GoogleOptions {
        var options = GoogleOptions()
        options.isReadOnly = settings.readOnly
        options.project = name("project", reader, keeping: "-.:")
        options.location = name("location", reader, keeping: "-")
        options.endpoint = endpoint(reader, web, &warnings)
        options.prefix = reader.string("prefix", default: options.prefix)
        if GoogleSecretNames.escape(options.prefix.utf8).utf8.count > maximumPrefixCharacters {
            reader.report("prefix", "leaves too little of the 255 characters that a name has")
        }
        options.filterLifetime = reader.duration(
            "filter-lifetime",
            default: options.filterLifetime,
            in: .seconds(1) ... .seconds(3600)
        )
        options.hasFlatNames = reader.bool("flat-names", default: options.hasFlatNames)
        if options.hasFlatNames, !settings.readOnly {
            reader.report("flat-names", "is for read-only: true; what is written has a name of its own form")
        }
        options.isForbiddenMissing = reader.bool("forbidden-is-missing", default: options.isForbiddenMissing)
        options.replicaLocations = reader.strings("replica-locations")
        options.superseded = reader.choice("superseded-versions", default: options.superseded)
        options.quotaProject = name("quota-project", reader, keeping: "-.:")
        options.signsOwnTokens = reader.bool("self-signed-tokens", default: options.signsOwnTokens)
        options.hosts.universe = name("universe-domain", reader, keeping: "-.") ?? options.hosts.universe
        options.hosts.configured = reader.strings("token-hosts")
        for host in options.hosts.configured where !isWord(host, keeping: "-.") {
            reader.report("token-hosts", "are names of hosts, without a scheme and without a port")
        }
        if let (name, fault) = GoogleLabels.fault(in: settings.tags) {
            reader.report("tags", "\(name.debugDescription) \(fault)")
        }
        if let (name, fault) = GoogleLabels.fault(in: settings.filterTags) {
            reader.report("filter-on-tags", "\(name.debugDescription) \(fault)")
        }
        options.labels = settings.tags
        if settings.readOnly {
            options.filter = settings.filterTags
        } else if !settings.filterTags.isEmpty {
            warnings.append("\(type).filter-on-tags is looked at with read-only: true only")
        }
        return options
    }

    /// A word that goes into a path or a host name.
    private static func name(_ key: String, _ reader: ConfigurationReader, keeping: String) -> String? {
        guard let text = reader.optionalString(key) else { return nil }
        guard isWord(text, keeping: keeping) else {
            reader.report(key, "may have letters, digits and \"\(keeping)\" only")
            return nil
        }
        return text
    }

    private static func isWord(_ text: String, keeping: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLetterOrDigit($0) || keeping.utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        PercentEncoding.isUnreserved(byte) && !"-._~".utf8.contains(byte)
    }

    private static func endpoint(
        _ reader: ConfigurationReader,
        _ web: HTTPClientSettings,
        _ warnings: inout [String]
    ) -> String? {
        guard let text = reader.optionalString("endpoint-override"),
            let address = WebSection.address(text, "endpoint-override", reader)
        else { return nil }
        if let warning = WebSection.warning(about: address, web) { warnings.append("\(type): \(warning)") }
        return address.origin
    }

    /// The examples of the documentation have words instead of a key, and are good configurations all the same: what they
    /// cannot do is to connect.
    private static func credential(
        _ reader: ConfigurationReader,
        _ options: GoogleOptions,
        _ warnings: inout [String]
    ) -> GoogleCredentials.Configured {
        guard let text = reader.optionalSecret("service-account") else { return .none }
        do throws(CredentialFile.Refusal) {
            return .usable(
                try CredentialFile.read(
                    text,
                    from: "\(type).service-account",
                    allowing: .keys,
                    hosts: options.hosts
                )
            )
        } catch {
            warnings.append(error.description)
            return .unusable(error.description)
        }
    }
}
