import Backends
import Configuration
import SecretMemory
import Secrets
import Testing

@Suite("Catalogue")
struct CatalogueTests {
    private let origin = ConfigurationOrigin(file: "test.yml", line: 7, column: 3)

    private func text(_ value: String) throws -> ConfigurationNode {
        let secret = SharedSecret(try SecretBytes(copying: Array(value.utf8).span))
        return ConfigurationNode(.scalar(ScalarText(secret)), origin: origin, path: .root)
    }

    private func mapping(_ entries: [(String, ConfigurationNode)], at path: ConfigurationPath) -> ConfigurationNode {
        let written = entries.map { key, value in
            ConfigurationNode.Entry(
                key: key,
                origin: origin,
                value: ConfigurationNode(value.content, origin: origin, path: path.key(key))
            )
        }
        return ConfigurationNode(.mapping(written), origin: origin, path: path)
    }

    private func settings(
        _ type: String,
        _ section: [(String, ConfigurationNode)] = [],
        readOnly: Bool = false
    ) -> SecretSettings {
        let path = ConfigurationPath.root.key("kestra").key("secret").key(type)
        return SecretSettings(
            type: type,
            section: mapping(section, at: path),
            sectionPath: path,
            origin: origin,
            readOnly: readOnly
        )
    }

    /// The text of the refusal, or "" where there was none.
    private func refusal(_ settings: SecretSettings) -> String {
        do throws(CatalogueError) {
            _ = try Catalogue.read(settings)
            return ""
        } catch {
            return error.description
        }
    }

    private static let documented = [
        "env", "aws-secret-manager", "azure-key-vault", "google-secret-manager", "vault", "elasticsearch", "jdbc",
        "cyberark", "doppler", "1password", "beyondtrust", "delinea", "sqlite",
    ]

    @Test("every documented type is known, each once")
    func types() {
        #expect(Catalogue.managers.types == Self.documented)
    }

    @Test("an unknown type is refused with the nearest one")
    func unknown() {
        #expect(refusal(settings("valt")).hasSuffix("did you mean \"vault\"?"))
        #expect(refusal(settings("sqllite")).hasSuffix("did you mean \"sqlite\"?"))
        #expect(!refusal(settings("something-else-entirely")).contains("did you mean"))
    }

    @Test(
        "the keys of the documented blocks are known",
        arguments: [
            (
                "aws-secret-manager",
                [
                    "access-key-id", "secret-key-id", "session-token", "region", "prefix", "endpoint-override", "tags",
                    "filter-on-tags", "filter-on-prefix",
                ]
            ),
            ("azure-key-vault", ["client-secret", "vault-name", "key-vault-uri", "prefix", "tags", "filter-on-tags"]),
            ("google-secret-manager", ["project", "service-account", "prefix", "tags", "filter-on-tags"]),
            (
                "vault",
                [
                    "address", "namespace", "engine-version", "root-engine", "secret-path-prefix", "password", "token",
                    "app-role", "kubernetes",
                ]
            ),
            ("elasticsearch", ["secret", "previous-secrets"]), ("jdbc", ["secret"]),
            ("cyberark", ["address", "username", "password"]),
            ("doppler", ["token", "project", "config", "secret-name-prefix"]),
            ("1password", ["address", "token", "vault-id"]),
            ("beyondtrust", ["address", "api-key", "run-as", "folder-id"]),
            ("delinea", ["address", "username", "password", "domain", "folder-id", "secret-template-id"]),
        ] as [(String, [String])]
    )
    func documentedKeys(type: String, keys: [String]) throws {
        let schema = try #require(Catalogue.managers.schema(of: type))
        for key in keys { #expect(schema.kind(of: key) != nil, "\(key)") }
        #expect(schema.kind(of: "adress") == nil)
    }

    @Test("a file with all keys of a manager loads, in both spellings", arguments: documented, [false, true])
    func files(type: String, isCamelCase: Bool) throws {
        let schema = try #require(Catalogue.managers.schema(of: type))
        let spell: (String) -> String = { isCamelCase ? camelCase($0) : $0 }
        let yaml = "kestra:\n  secret:\n    type: \(type)\n    \(type):\n" + section(schema, "      ", spell)
        let source = ConfigurationSource(
            name: "test.yml",
            text: SharedSecret(try SecretBytes(copying: Array(yaml.utf8).span))
        )
        let loaded = try Configuration.parse(
            [source],
            environment: FixedEnvironment([:]),
            catalogue: Catalogue.managers
        )
        #expect(loaded.settings.kestra.secret.type == type)
        #expect(loaded.settings.kestra.secret.section?.entries.count == schema.keys.count)
    }

    /// A value of the right kind for each key.
    private func section(_ schema: SectionSchema, _ indent: String, _ spell: (String) -> String) -> String {
        schema.keys.map { name, kind in
            let key = indent + spell(name) + ":"
            return switch kind {
            case .text, .secret, .any: "\(key) some-text\n"
            case .secretList, .list: "\(key) [one, two]\n"
            case .integer, .number: "\(key) 2\n"
            case .bool: "\(key) true\n"
            case .duration: "\(key) 5s\n"
            case .byteSize: "\(key) 1MiB\n"
            case .map: "\(key)\n\(indent)  application: production\n"
            case .nested(let schema): "\(key)\n" + section(schema, indent + "  ", spell)
            case .sequence(let schema): "\(key)\n\(indent)  -\n" + section(schema, indent + "    ", spell)
            }
        }.joined()
    }

    private func camelCase(_ name: String) -> String {
        let words = name.split(separator: "-")
        return words.dropFirst().reduce(String(words[0])) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    @Test("a wrong key is named with its place and its nearest neighbour")
    func wrongKey() throws {
        let text = refusal(
            settings(
                "sqlite",
                [("path", try text("/x/y.db")), ("secret", try text(StoreSecret.first)), ("pth", try text("z"))]
            )
        )
        #expect(text == "test.yml:7: kestra.secret.sqlite.pth: is not a key that is known here; did you mean \"path\"?")
    }

    @Test("a store's secret must be there, long enough, not the published sample, and not there twice")
    func storeSecrets() throws {
        let path = ("path", try text("/x/y.db"))
        #expect(refusal(settings("sqlite", [path])).contains("kestra.secret.sqlite.secret: is missing"))
        let short = refusal(settings("sqlite", [path, ("secret", try text("s3cret"))]))
        #expect(short.contains("must have at least 32 bytes") && !short.contains("s3cret"))
        let sample = refusal(settings("sqlite", [path, ("secret", try text("a-secure-32-character-minimum-key"))]))
        #expect(sample.contains("sample of the public documentation"))
        let twice = refusal(
            settings(
                "sqlite",
                [path, ("secret", try text(StoreSecret.first)), ("previousSecrets", try text(StoreSecret.first))]
            )
        )
        #expect(twice.contains("number 1 is the same as secret"))
        #expect(!twice.contains(StoreSecret.first))
    }

    @Test("a store is made from its section and works")
    func store() async throws {
        let directory = try TemporaryDirectory()
        let log = NoticeLog()
        let section = [
            ("path", try text(directory.file("store.db"))), ("secret", try text(StoreSecret.first)),
            ("previousSecrets", try text(StoreSecret.second)), ("busy-timeout", try text("100ms")),
            ("maximumSize", try text("1MiB")), ("readers", try text("1")), ("queue-limit", try text("4")),
        ]
        let surroundings = ManagerSurroundings(environment: FixedEnvironment([:]), notices: log.handler)
        let backend = try Catalogue.read(settings("sqlite", section)).make(surroundings)
        try await backend.connect()
        try await backend.write(name("A"), [1])
        #expect(try await backend.read(name("A")) == [1])
        await backend.close()
        let readOnly = try Catalogue.read(settings("sqlite", section, readOnly: true)).make(surroundings)
        #expect(try await readOnly.read(name("A")) == [1])
        #expect(readOnly.capabilities == [.list, .namespaces])
        await readOnly.close()
    }

    @Test("a weak secret is accepted with a word about it")
    func weakSecret() throws {
        let log = NoticeLog()
        let weak = String(repeating: "abcd", count: 8)
        let section = [("path", try text("/x/y.db")), ("secret", try text(weak))]
        _ = try Catalogue.read(
            settings("sqlite", section)
        ).make(ManagerSurroundings(environment: FixedEnvironment([:]), notices: log.handler))
        #expect(log.all.count == 1)
        #expect(log.all.first?.contains("only 4 different characters") == true)
    }

    @Test("the environment is made from its section, or without one")
    func environment() async throws {
        let environment: FixedEnvironment = ["SECRET_A": "YQ==", "SECRET_B": "YQ=="]
        let surroundings = ManagerSurroundings(environment: environment)
        let plain = try Catalogue.read(SecretSettings()).make(surroundings)
        #expect(try await plain.read(name("A")) == [UInt8(ascii: "a")])
        let namespaces = mapping([("B", try text("company, other"))], at: .root)
        let section = [("encoding", try text("raw")), ("namespaces", namespaces), ("files", try text("/a, /b"))]
        #expect(try Catalogue.read(settings("env", section)).files == ["/a", "/b"])
        let raw = try Catalogue.read(settings("env", Array(section.dropLast()))).make(surroundings)
        #expect(try await raw.read(name("A")) == Array("YQ==".utf8))
        #expect(try await raw.read(name("B", namespace: "company")) != nil)
        #expect(try await raw.read(name("B", namespace: "company.team")) == nil)
    }

    @Test("an environment that cannot be used is refused in its own words")
    func refusedEnvironment() throws {
        let surroundings = ManagerSurroundings(
            environment: ["SECRET_a": "YQ==", "SECRET_A": "YQ=="] as FixedEnvironment
        )
        let error = #expect(throws: CatalogueError.self) { try Catalogue.read(SecretSettings()).make(surroundings) }
        #expect(error?.description.hasPrefix("env: environment: SECRET_A and SECRET_a are the same key A") == true)
    }
}
