import Secrets
import Testing

@testable import Backends

@Suite("Secrets by others")
struct ForeignNamesTests {
    private let unchosen = ForeignNames(SecretNaming(prefix: nil))
    private let chosen = ForeignNames(SecretNaming(prefix: "team-a"))
    private let wanted = SecretName(tenant: "main", namespace: "company.team", key: "DB_PASSWORD")

    private func closeness(_ vaultName: String, _ tags: [String: String], _ names: ForeignNames? = nil) -> Int? {
        (names ?? unchosen).closeness(of: vaultName, SecretTags(tags), to: wanted)
    }

    @Test("the more tags say that it is meant, the nearer it is")
    func order() throws {
        let steps: [(String, [String: String])] = [
            ("db-password", [:]),
            ("db-password", ["tenant": "main"]),
            ("db-password", ["namespace": "company.team"]),
            ("db-password", ["namespace": "company.team", "tenant": "main"]),
            ("x", ["key": "DB_PASSWORD"]),
            ("x", ["key": "DB_PASSWORD", "namespace": "company.team", "prefix": "kestra"]),
            ("x", ["key": "DB_PASSWORD", "namespace": "company.team", "tenant": "main"]),
        ]
        let found = try steps.map { try #require(closeness($0.0, $0.1)) }
        #expect(found == found.sorted())
        #expect(Set(found).count == found.count)
    }

    @Test(
        "a tag that says something else speaks against it",
        arguments: [
            ["namespace": "company"], ["namespace": ""], ["namespace": "Company.Team"], ["tenant": ""],
            ["tenant": "other"], ["prefix": "other"], ["prefix": "Kestra"], ["key": "db-password"],
            ["key": "DB_PASSWOR\u{44}\u{301}"],
        ]
    )
    func against(tags: [String: String]) {
        #expect(closeness("db-password", tags) == nil)
    }

    @Test("without a key among the tags the name is the key, without case, dots and underscores")
    func folding() {
        for name in ["db-password", "DB-PASSWORD", "Db-Password"] { #expect(closeness(name, [:]) == 0) }
        for name in ["dbpassword", "db--password", "db-password-", "kestra-db-password", "db-passwor"] {
            #expect(closeness(name, [:]) == nil)
        }
        #expect(ForeignNames.fold("A_b.C-d") == "a-b-c-d")
        // A sign that Swift takes for the letter K.
        let kelvin = SecretName(tenant: "", namespace: "", key: "\u{212a}")
        #expect(unchosen.closeness(of: "k", SecretTags([:]), to: kelvin) == nil)
    }

    @Test("a chosen prefix must be in the tags, or at the beginning of the name")
    func prefix() {
        #expect(closeness("team-a-db-password", [:], chosen) == 0)
        #expect(closeness("TEAM-A-DB-Password", [:], chosen) == 0)
        #expect(closeness("x", ["prefix": "team-a", "key": "DB_PASSWORD"], chosen) == 4)
        #expect(closeness("db-password", ["prefix": "team-a"], chosen) == 0)
        #expect(closeness("db-password", [:], chosen) == nil)
        #expect(closeness("team-b-db-password", [:], chosen) == nil)
        #expect(closeness("x", ["key": "DB_PASSWORD"], chosen) == nil)
        #expect(closeness("team-a-db-password", ["key": "DB_PASSWORD"], chosen) == nil)
        #expect(closeness("db-password", ["prefix": "kestra"], chosen) == nil)
    }

    @Test("it shows under its tag, or else under what is left of its name")
    func keys() {
        func key(_ names: ForeignNames, _ name: String, _ tags: [String: String], namespace: String = "company")
            -> String?
        {
            names.key(of: name, SecretTags(tags), tenant: "main", namespace: namespace)
        }
        #expect(key(unchosen, "Db-Password", [:]) == "Db-Password")
        #expect(key(chosen, "team-a-Db-Password", [:]) == "Db-Password")
        #expect(key(chosen, "team-a-", [:]) == nil)
        #expect(key(unchosen, "x", ["key": "A", "namespace": "company"]) == "A")
        #expect(key(unchosen, "x", ["key": "A", "namespace": "company"], namespace: "company.team") == nil)
        #expect(key(unchosen, "x", ["key": "A", "tenant": "other"]) == nil)
    }
}
