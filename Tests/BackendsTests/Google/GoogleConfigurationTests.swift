import Configuration
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("The section of Google Secret Manager")
struct GoogleConfigurationTests {
    /// What check says: warnings, or why the section is refused.
    private func check(_ section: String, readOnly: Bool = false) throws -> (warnings: [String], refusal: String) {
        let settings = try ConfiguredBackend(type: "google-secret-manager", section: section, readOnly: readOnly)
            .settings()
        do throws(CatalogueError) {
            return (try Catalogue.read(settings).warnings, "")
        } catch {
            return ([], error.description)
        }
    }

    @Test("every key has a default")
    func empty() throws {
        let (warnings, refusal) = try check("")
        #expect(warnings.isEmpty && refusal.isEmpty)
    }

    @Test("a placeholder instead of a key is a warning, because it is only wrong when the agent connects")
    func placeholder() throws {
        let (warnings, refusal) = try check("project: p\nserviceAccount: |\n  Paste the contents of the key file here.")
        #expect(warnings == ["google-secret-manager.service-account is not the JSON of a credential"])
        #expect(refusal.isEmpty)
    }

    @Test("a filter on labels without read-only is a warning")
    func filter() throws {
        let section = "filter-on-tags: {tags: {application: kestra-production}}"
        #expect(
            try check(section).warnings == [
                "google-secret-manager.filter-on-tags is looked at with read-only: true only"
            ]
        )
        #expect(try check(section, readOnly: true).warnings.isEmpty)
    }

    @Test("another front end is asked with TLS")
    func plainHTTP() throws {
        let section = "endpoint-override: http://secrets.example.org"
        #expect(try check(section).warnings.count == 1)
        #expect(try check("\(section)\nallow-plain-http: true").warnings.isEmpty)
        #expect(try check("endpoint-override: http://localhost:8080").warnings.isEmpty)
    }

    @Test(
        "what cannot be meant is refused, and the key is named",
        arguments: [
            ("tags: {Application: x}", "tags"), ("tags: {application: Kestra Production}", "tags"),
            ("filter-on-tags: {tags: {a.b: x}}", "filter-on-tags"), ("flat-names: true", "flat-names"),
            ("project: a/../b", "project"), ("location: europe-west1.evil.example", "location"),
            ("quota-project: \"a b\"", "quota-project"), ("universe-domain: https://x", "universe-domain"),
            ("superseded-versions: forget", "superseded-versions"),
            ("filter-lifetime: 0s", "filter-lifetime"), ("filter-lifetime: 2h", "filter-lifetime"),
            ("token-hosts: [\"https://localhost\"]", "token-hosts"),
            ("endpoint-override: localhost", "endpoint-override"),
            ("prefix: \(String(repeating: "_", count: 51))", "prefix"),
        ]
    )
    func refused(section: String, key: String) throws {
        #expect(try check(section).refusal.contains("kestra.secret.google-secret-manager.\(key)"))
    }
}
