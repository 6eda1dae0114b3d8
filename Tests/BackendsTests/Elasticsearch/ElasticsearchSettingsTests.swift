import Configuration
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("The section of Elasticsearch")
struct ElasticsearchSettingsTests {
    private static let secret = "secret: '\(ElasticsearchScene.secret)'\n"
    private static let hosts = "http-hosts: https://es.example:9200\n"
    private static let key = "api-key: eDp5\n"

    private func read(_ section: String, readOnly: Bool = false) throws -> (warnings: [String], refusal: String) {
        do {
            let settings = try ConfiguredBackend(type: "elasticsearch", section: section, readOnly: readOnly).settings()
            return (try Catalogue.read(settings).warnings, "")
        } catch {
            return ([], "\(error)")
        }
    }

    /// A whole file, with Kestra's own connection.
    private func load(_ kestra: String, _ section: String) throws -> LoadedConfiguration {
        let text = """
            kestra:
              elasticsearch:
            \(kestra.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
              secret:
                type: elasticsearch
                elasticsearch:
            \(section.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
            """
        return try Configuration.parse(
            [
                ConfigurationSource(
                    name: "a.yml",
                    text: SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .general))
                )
            ],
            environment: ["ES_PASSWORD": "made-up"] as FixedEnvironment,
            catalogue: Catalogue.managers
        )
    }

    @Test("what is good passes, in either spelling")
    func good() throws {
        #expect(try read(Self.secret + Self.hosts + Self.key) == ([], ""))
        #expect(
            try read(Self.secret + "httpHosts: [https://a.example, https://b.example:9201/path/]\napiKey: eDp5") == (
                [], ""
            )
        )
        #expect(try read(Self.secret + Self.hosts + "basicAuth: {username: u, password: p}") == ([], ""))
        #expect(try read(Self.secret + Self.hosts).warnings.contains { $0.contains("there is no credential") })
        let plain = try read(Self.secret + "http-hosts: http://es.example:9200\n" + Self.key)
        #expect(plain.warnings.contains { $0.contains("without TLS") })
        let filtered = Self.secret + Self.hosts + Self.key + "filter-on-tags: {tags: {a: b}}"
        #expect(try read(filtered).warnings.contains { $0.contains("read-only") })
        #expect(try read(filtered, readOnly: true) == ([], ""))
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("secret: a-secure-32-character-minimum-key\n" + hosts + key, "sample of the public documentation"),
            ("secret: short\n" + hosts + key, "elasticsearch.secret: must have at least 32 bytes"),
            (hosts + key, "elasticsearch.secret: is missing"), (secret + key, "http-hosts: is missing"),
            (
                secret + hosts + key + "previous-secrets: ['\(ElasticsearchScene.secret)']",
                "number 1 is the same as secret"
            ),
            (secret + hosts + key + "next-secret: '\(ElasticsearchScene.secret)'", "next-secret: is there already"),
            (secret + hosts + key + "next-secret: short", "next-secret: must have at least 32 bytes"),
            (secret + hosts + key + "bearer-token: x", "only one of api-key, bearer-token and basic-auth"),
            (secret + hosts + "basic-auth: {username: 'a:b', password: p}", "username: cannot have a colon"),
            (secret + hosts + "basic-auth: {username: a}", "basic-auth.password: is missing"),
            (secret + key + "http-hosts: [https://a, https://a/]", "has a node twice"),
            (secret + key + "http-hosts: es.example", "http-hosts: cannot be used"),
            (secret + hosts + key + "index: Kestra", "index: must be the name of an index"),
            (secret + hosts + key + "index: _x", "index: must be the name of an index"),
            (secret + hosts + key + "http-host: x", "did you mean \"http-hosts\"?"),
            (secret + hosts + "basic-auth: {user: a, password: b}", "basic-auth.user"),
        ]
    )
    func wrong(section: String, words: String) throws {
        let refusal = try read(section).refusal
        #expect(refusal.contains(words), "\(refusal)")
        #expect(!refusal.contains(ElasticsearchScene.secret))
    }

    @Test("where the section names no hosts, Kestra's own connection is used, with its password")
    func kestra() async throws {
        let fake = try FakeServer(.elasticsearch)
        try fake.command("user", ["label": "kestra", "username": "kestra", "password": "made-up"])
        let loaded = try load(
            """
            client:
              httpHosts: '\(fake.address)'
              basicAuth: {username: kestra, password: "${ES_PASSWORD}"}
              headers: ["X: y"]
            defaults: {indice-prefix: other_}
            indices: {executions: {alias: "${NOWHERE}"}}
            """,
            Self.secret + "tls: {ca: '\(fake.authority)'}"
        )
        #expect(loaded.secretVariables == ["ES_PASSWORD"])
        #expect(loaded.notes.allSatisfy { !$0.message.contains("another part of Kestra") })
        let surroundings = ManagerSurroundings(environment: FixedEnvironment([:]))
        let backend = try Catalogue.read(loaded.settings.kestra.secret).make(surroundings)
        try await backend.write(name("KEY"), [7])
        #expect(try await backend.read(name("KEY")) == [7])
        #expect(try fake.requests().allSatisfy { $0.credential == "kestra" })
        #expect(backend.place(of: name("KEY")).hasPrefix("other_agent_secrets_v1/_doc/"))
    }

    @Test("a section with hosts of its own never gets Kestra's password, and one with a key of its own uses that")
    func separated() async throws {
        let fake = try FakeServer(.elasticsearch)
        try fake.command("user", ["label": "kestra", "username": "kestra", "password": "made-up"])
        let client = "client:\n  http-hosts: '\(fake.address)'\n  basic-auth: {username: kestra, password: made-up}"
        let tls = Self.secret + "tls: {ca: '\(fake.authority)'}\n"
        let surroundings = ManagerSurroundings(environment: FixedEnvironment([:]))
        let elsewhere = try load(client, tls + "http-hosts: '\(fake.address)'").settings.kestra.secret
        #expect(try Catalogue.read(elsewhere).warnings.contains { $0.contains("there is no credential") })
        await #expect {
            try await Catalogue.read(elsewhere).make(surroundings).connect()
        } throws: { "\($0)".contains("does not accept the credential") }
        #expect(try fake.requests().allSatisfy { $0.credential == nil })
        let own = try load(client, tls + "api-key: '\(fake.details["api-key"] ?? "")'").settings.kestra.secret
        try await Catalogue.read(own).make(surroundings).connect()
        #expect(try fake.requests().last?.credential == "agent")
    }

    @Test("Kestra's trust in any certificate is not shared, and its path is")
    func trust() throws {
        let client = "client: {http-hosts: https://es.example, trust-all-ssl: true, path-prefix: /es}"
        let loaded = try load(client, Self.secret + Self.key)
        let warnings = try Catalogue.read(loaded.settings.kestra.secret).warnings
        #expect(warnings.count == 1 && warnings[0].contains("trust-all-ssl is not followed"))
        let wrong = try load("client: {http-hosts: nonsense}", Self.secret + Self.key).settings.kestra.secret
        #expect {
            try Catalogue.read(wrong)
        } throws: { "\($0)".contains("kestra.elasticsearch.client.http-hosts") }
    }
}
