import Configuration
import Foundation
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("AWS: configuration")
struct AWSCatalogueTests {
    private func settings(_ section: String, readOnly: Bool = false) throws -> SecretSettings {
        try ConfiguredBackend(type: "aws-secret-manager", section: section, readOnly: readOnly).settings()
    }

    private func refusal(_ section: String, readOnly: Bool = false) throws -> String {
        let settings = try settings(section, readOnly: readOnly)
        do throws(CatalogueError) { _ = try Catalogue.read(settings) } catch { return error.description }
        return ""
    }

    @Test(
        "Kestra's documented sections pass, with a word about what cannot work",
        arguments: [
            (
                """
                access-key-id: mysuperaccesskey
                secret-key-id: mysupersecretkey
                sessionToken: mysupersessiontoken
                region: us-east-1
                """, false, 1
            ),
            ("access-key-id: mysuperaccesskey\nsecret-key-id: mysupersecretkey\nregion: us-east-1", true, 1),
            ("filter-on-tags:\n  tags:\n    application: kestra-production", true, 0),
            ("filter-on-prefix:\n  prefix: prod_\n  keep-prefix: true", true, 0),
            ("tags:\n  application: kestra-production", false, 0),
        ]
    )
    func documented(section: String, readOnly: Bool, warnings: Int) throws {
        let settings = try settings(section, readOnly: readOnly)
        #expect(try Catalogue.read(settings).warnings.count == warnings)
        let backend = try Catalogue.read(settings).make(ManagerSurroundings(environment: FixedEnvironment([:])))
        #expect(backend.capabilities.contains(.write) == !readOnly)
    }

    @Test(
        "what cannot be meant is refused",
        arguments: [
            ("access-key-id: a", "secret-key-id: is missing beside access-key-id"),
            ("secret-key-id: a", "access-key-id: is missing beside secret-key-id"),
            ("session-token: a", "is of no use without access-key-id and secret-key-id"),
            ("region: eu/west", "is no region"), ("prefix: ''", "prefix: must not be empty"),
            ("endpoint-override: ftp://x", "endpoint-override: cannot be used"),
            ("endpoint-override: https://x/a?b", "must have a plain path without a query"),
            ("recovery-window: 6d", "recovery-window: must be between"), ("recovery-window: 31d", "must be between"),
            ("filter-on-prefix: {keep-prefix: true}", "filter-on-prefix.prefix: is missing"),
            ("filter-on-prefix: {prefix: 'a*'}", "no name begins so"),
        ]
    )
    func refused(section: String, words: String) throws {
        let text = try refusal(section, readOnly: true)
        #expect(text.contains(words), "\(text)")
    }

    @Test(
        "what will not do what it says is warned of",
        arguments: [
            ("filter-on-tags: {tags: {a: b}}", "filter-on-tags is not used"),
            ("filter-on-prefix: {prefix: a}", "filter-on-prefix is not used"),
            ("endpoint-override: http://manager.example:5000", "would be asked without TLS"),
            ("tags: {'a#b': c}", "cannot be given to secrets"), ("tags: {tenant: c}", "cannot be given to secrets"),
        ]
    )
    func warned(section: String, words: String) throws {
        let warnings = try Catalogue.read(settings(section)).warnings
        #expect(warnings.count == 1 && warnings[0].contains(words), "\(warnings)")
    }

    @Test("a placeholder for the keys is warned of without being shown")
    func placeholderKeys() throws {
        let warnings = try Catalogue.read(settings("access-key-id: <your-key>\nsecret-key-id: <your-secret>")).warnings
        #expect(warnings == ["access-key-id does not begin with AKIA or ASIA, as the access keys of AWS do"])
    }

    @Test("where a secret is looked for is said in AWS's own words")
    func places() throws {
        func place(_ section: String) throws -> String {
            let made = ConfiguredBackend(type: "aws-secret-manager", section: section, readOnly: true)
            return try made.make().place(of: name("DB"))
        }
        #expect(
            try place("prefix: p")
                == "the secret with the tags namespace=company.team, key=DB, prefix=p, tenant=main"
        )
        #expect(try place("filter-on-prefix: {prefix: prod_}") == "prod_DB")
        #expect(try place("filter-on-prefix: {prefix: prod_, keep-prefix: true}").hasPrefix("no secret"))
    }

    @Test("every key of the section is on the page")
    func page() throws {
        let page = URL(fileURLWithPath: #filePath).appending(path: "../../../../docs/backends/aws-secret-manager.md")
        let text = try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
        let schema = try #require(Catalogue.managers.schema(of: "aws-secret-manager"))
        for (name, kind) in schema.keys {
            guard case .nested(let inner) = kind else {
                #expect(text.contains("`\(name)`"), "\(name)")
                continue
            }
            for (key, _) in inner.keys {
                #expect(text.contains("`\(name).\(key)`") || text.contains("`.\(key)`"), "\(name).\(key)")
            }
        }
    }

    @Test("variables with keys are gone from the process and are found all the same")
    func hiding() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("AWS_SECRET_ACCESS_KEY", "made up", 1)
            let environment = ProcessEnvironment()
            try Catalogue.hideVariables(of: environment)
            try #require(unsafe getenv("AWS_SECRET_ACCESS_KEY") == nil)
            let variables = AWSVariables(environment: environment)
            try #require(try variables.secret(AWSVariables.secretKey)?.value.count == 7)
        }
    }
}
