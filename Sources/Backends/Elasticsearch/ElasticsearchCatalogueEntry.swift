internal import Configuration
internal import Cryptography
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Elasticsearch in the catalogue: `type: elasticsearch`. Where the section says nothing of a connection, it is that of
/// Kestra's own data, `kestra.elasticsearch`.
enum ElasticsearchCatalogueEntry {
    private static let type = "elasticsearch"
    /// What is appended to the prefix of Kestra's indices, so that none of them is touched.
    private static let indexName = "agent_secrets_v1"
    private static let maximumNodes = 32

    static let entry = CatalogueEntry(
        type: type,
        schema: ([
            "secret": .secret,
            "previous-secrets": .secretList,
            "next-secret": .secret,
            "http-hosts": .list,
            "basic-auth": basicAuth,
            "api-key": .secret,
            "bearer-token": .secret,
            "index": .text,
            "create-index": .bool,
        ] as SectionSchema).adding(WebSection.schema),
        foreign: ForeignSection(
            "kestra.elasticsearch",
            schema: [
                "client": .nested([
                    "http-hosts": .list, "basic-auth": basicAuth, "path-prefix": .text, "trust-all-ssl": .bool,
                ]),
                "defaults": .nested(["indice-prefix": .text]),
            ]
        ),
        read: read
    )

    private static let basicAuth = SectionSchema.Kind.nested(["username": .text, "password": .secret])

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let web = WebSection.read(reader)
        let keyring = SealingSecrets.read(reader, isShared: true)
        let kestra = settings.foreignReader(problems: reader.problems)
        // Kestra's password is for Kestra's cluster, and goes to no other.
        let client = reader.has("http-hosts") ? nil : kestra?.optionalNested("client")
        let addresses = addresses(reader, client)
        let login = ElasticsearchLogin(reader, client)
        let index = index(reader, kestra)
        let options = ElasticsearchOptions(
            nodes: addresses.map(base),
            index: index,
            createsIndex: reader.bool("create-index", default: true),
            isReadOnly: settings.readOnly,
            tags: settings.tags,
            filter: settings.readOnly ? settings.filterTags : [:]
        )
        var warnings = addresses.compactMap { WebSection.warning(about: $0, web) }
        if client?.bool("trust-all-ssl", default: false) == true {
            warnings.append(
                "kestra.elasticsearch.client.trust-all-ssl is not followed: give the certificates' authority as tls.ca"
            )
        }
        if login == .certificate, web.identity == nil {
            warnings.append("there is no credential: give api-key, basic-auth, bearer-token, or a tls.certificate")
        }
        if !settings.filterTags.isEmpty, !settings.readOnly {
            warnings.append("filter-on-tags counts only with read-only: true")
        }
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            guard let keyring else { throw .refused(type: type, reason: "there is no secret") }
            for weakness in keyring.weaknesses { surroundings.notices("\(type): \(weakness)") }
            let credential: ElasticsearchCredential
            do throws(MemoryError) { credential = try login.credential() } catch { throw .failed(.memory(error)) }
            let web = try WebSection.service(web, for: type)
            var ready = options
            ready.purpose = surroundings.purpose
            return ElasticsearchBackend(
                options: ready,
                credential: credential,
                keyring: keyring,
                web: web,
                surroundings
            )
        }
    }

    private static func addresses(_ reader: ConfigurationReader, _ client: ConfigurationReader?) -> [HTTPAddress] {
        let source = client ?? reader
        let texts = source.strings("http-hosts", default: [])
        if texts.isEmpty {
            reader.report(
                "http-hosts",
                "is missing; write https://HOST:9200 for each node, here or in kestra.elasticsearch.client"
            )
        }
        if texts.count > maximumNodes { source.report("http-hosts", "may have at most \(maximumNodes) nodes") }
        let addresses = texts.compactMap { WebSection.address($0, "http-hosts", source) }
        if Set(addresses.map(base)).count < addresses.count { source.report("http-hosts", "has a node twice") }
        guard let prefix = client?.optionalString("path-prefix"), !prefix.isEmpty else { return addresses }
        let path = prefix.hasPrefix("/") ? prefix : "/" + prefix
        return addresses.compactMap { WebSection.address(base($0) + path, "path-prefix", source) }
    }

    /// Nodes are written with and without a slash at the end.
    private static func base(_ address: HTTPAddress) -> String { address.origin + address.pathWithoutSlash }

    private static func index(_ reader: ConfigurationReader, _ kestra: ConfigurationReader?) -> String {
        let prefix = kestra?.optionalNested("defaults")?.optionalString("indice-prefix") ?? "kestra_"
        let index = reader.string("index", default: prefix + indexName)
        if !isIndexName(index) {
            reader.report(
                "index",
                """
                must be the name of an index: small letters, digits, and -, _ or . after the first, at most 128; \
                "\(KeySpelling.printable(index))" is none
                """
            )
        }
        return index
    }

    private static func isIndexName(_ text: String) -> Bool {
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { isLetter($0) || "-_.".utf8.contains($0) }
    }
}
