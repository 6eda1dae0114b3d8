internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// AWS Secrets Manager in the catalogue: `type: aws-secret-manager`.
enum AWSCatalogueEntry {
    static let type = "aws-secret-manager"

    static let entry = CatalogueEntry(
        type: type,
        schema: SectionSchema([
            ("access-key-id", .secret),
            ("secret-key-id", .secret),
            ("session-token", .secret),
            ("region", .text),
            ("prefix", .text),
            ("endpoint-override", .text),
            ("filter-on-prefix", .nested(["prefix": .text, "keep-prefix": .bool])),
            ("require-tenant-tag", .bool),
            ("recovery-window", .duration),
        ]).adding(WebSection.schema),
        secretVariables: AWSVariables.secrets,
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        var warnings: [String] = []
        let web = WebSection.read(reader)
        var options = AWSOptions()
        options.isReadOnly = settings.readOnly
        options.region = region(reader)
        options.keys = keys(reader)
        options.endpoint = endpoint(reader, web, &warnings)
        if options.endpoint == nil, let keys = options.keys, !keys.looksLikeAWS {
            warnings.append("access-key-id does not begin with AKIA or ASIA, as the access keys of AWS do")
        }
        options.layout = layout(settings, reader, &warnings)
        options.tags = tags(settings.tags)
        for tag in options.tags where !tag.isStorable || AWSIdentity.reserved.contains(tag.key) {
            warnings.append("the tag \(tag.key.debugDescription) cannot be given to secrets, so writing will fail")
        }
        let window = reader.duration("recovery-window", default: .seconds(30 * 86_400), in: window)
        options.recoveryDays = Int(window.components.seconds / 86_400)
        let ready = options
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            AWSSecretsBackend(ready, over: try WebSection.service(web, for: type), in: surroundings)
        }
    }

    private static let window: ClosedRange<Duration> = .seconds(7 * 86_400) ... .seconds(30 * 86_400)

    // MARK: Pieces

    private static func region(_ reader: ConfigurationReader) -> String? {
        guard let region = reader.optionalString("region") else { return nil }
        if !AWSEndpoint.isRegion(region) { reader.report("region", "is no region; write for example eu-west-1") }
        return region
    }

    private static func keys(_ reader: ConfigurationReader) -> FixedKeys? {
        let accessKey = reader.optionalSecret("access-key-id")
        let secretKey = reader.optionalSecret("secret-key-id")
        let token = reader.optionalSecret("session-token")
        guard let accessKey, let secretKey else {
            if accessKey != nil { reader.report("secret-key-id", "is missing beside access-key-id") }
            if secretKey != nil { reader.report("access-key-id", "is missing beside secret-key-id") }
            if accessKey == nil, secretKey == nil, token != nil {
                reader.report("session-token", "is of no use without access-key-id and secret-key-id")
            }
            return nil
        }
        return FixedKeys(accessKey: accessKey, secretKey: secretKey, sessionToken: token)
    }

    private static func endpoint(
        _ reader: ConfigurationReader,
        _ web: HTTPClientSettings,
        _ warnings: inout [String]
    ) -> AWSEndpoint? {
        guard let text = reader.optionalString("endpoint-override"),
            let address = WebSection.address(text, "endpoint-override", reader)
        else { return nil }
        if let warning = WebSection.warning(about: address, web) { warnings.append(warning) }
        guard let endpoint = AWSEndpoint(address) else {
            reader.report("endpoint-override", "must have a plain path without a query")
            return nil
        }
        return endpoint
    }

    private static func tags(_ map: [String: String]) -> [AWSTag] {
        map.sorted { $0.key < $1.key }.map { AWSTag(key: $0.key, value: $0.value) }
    }

    private static func layout(
        _ settings: SecretSettings,
        _ reader: ConfigurationReader,
        _ warnings: inout [String]
    ) -> AWSLayout {
        var identity = AWSIdentity()
        identity.prefix = reader.optionalString("prefix")
        if identity.prefix?.isEmpty == true { reader.report("prefix", "must not be empty") }
        identity.requiresTenant = reader.bool("require-tenant-tag", default: false)
        let demanded = tags(settings.filterTags)
        let filter = reader.optionalNested("filter-on-prefix")
        let named = filter.map { filter in
            let prefix = filter.string("prefix")
            let names = AWSNames(
                prefix: prefix,
                keepsPrefix: filter.bool("keep-prefix", default: false),
                demanded: demanded
            )
            if !prefix.utf8.allSatisfy(AWSNames.isPartOfName) {
                filter.report("prefix", "no name begins so: letters, digits and /_+=.@- are allowed")
            }
            filter.finish()
            return names
        }
        guard settings.readOnly else {
            for (key, isSet) in [("filter-on-tags", !demanded.isEmpty), ("filter-on-prefix", named != nil)] where isSet
            {
                warnings.append("\(key) is not used, because it belongs to read-only: true")
            }
            return .tagged(identity)
        }
        identity.demanded = demanded
        return named.map(AWSLayout.named) ?? .tagged(identity)
    }
}

extension FixedKeys {
    /// Whether the access key begins as AWS's do.
    fileprivate var looksLikeAWS: Bool {
        accessKey.withBytes { bytes in
            bytes.count >= 16
                && ["AKIA", "ASIA"].contains { start in
                    start.utf8.enumerated().allSatisfy { bytes[$0.offset] == $0.element }
                }
        }
    }
}

extension AWSSecretsBackend {
    /// Puts together what one scope needs. Opens and asks nothing.
    convenience init(_ options: AWSOptions, over web: WebService, in surroundings: ManagerSurroundings) {
        let (variables, time) = (AWSVariables(environment: surroundings.environment), surroundings.time)
        let clock = AWSClock(time)
        let metadata = InstanceMetadata(web: web, variables: variables)
        let regions = AWSRegionChain(configured: options.region, variables: variables, metadata: metadata)
        let region = TokenSource<String>(time: time) { (_) throws(BackendError) in
            .init(token: try await regions.region(), lifetime: nil)
        }
        let service = SecurityTokenService(web: web, variables: variables, region: region, clock: clock, time: time)
        let chain = AWSCredentialChain(
            fixed: options.keys,
            variables: variables,
            service: service,
            metadata: metadata,
            clock: clock
        )
        let endpoint = options.endpoint
        let client = AWSSecretsService(
            web,
            site: TokenSource(time: time) { (_) throws(BackendError) in
                let region = try await region.current()
                if let endpoint { return .init(token: .init(region: region, endpoint: endpoint), lifetime: nil) }
                let usual = try AWSEndpoint.secretsManager(in: region, variables)
                return .init(token: .init(region: region, endpoint: usual), lifetime: nil)
            },
            credentials: TokenSource(time: time) { (_) throws(BackendError) in try await chain.lease() },
            clock: clock,
            time: time,
            notices: surroundings.notices
        )
        self.init(options, client: client, time: time, notices: surroundings.notices)
    }
}

extension AWSEndpoint {
    /// Where AWS Secrets Manager is reached unless the configuration says otherwise.
    fileprivate static func secretsManager(
        in region: String,
        _ variables: AWSVariables
    ) throws(BackendError) -> AWSEndpoint {
        let isFIPS = try variables.isTrue("AWS_USE_FIPS_ENDPOINT")
        guard let configured = try configured(variables, for: "SECRETS_MANAGER") else {
            return AWSEndpoint(service: "secretsmanager", region: region, isFIPS: isFIPS)
        }
        guard !isFIPS else {
            throw .unsupported(detail: "AWS_USE_FIPS_ENDPOINT and a configured endpoint exclude each other")
        }
        return configured
    }
}
