import Secrets
import SeededGenerator
import Testing

@testable import Backends

@Suite("Names in a vault")
struct SecretNamingTests {
    private let naming = SecretNaming(prefix: nil)

    private func name(_ key: String, _ namespace: String = "company.team", tenant: String = "") -> SecretName {
        SecretName(tenant: tenant, namespace: namespace, key: key)
    }

    @Test("the published check value comes out")
    func checkValue() throws {
        #expect(try naming.vaultName(of: name("DB_PASSWORD")) == "kestra-2yzmumocesmkmitcdrh6e4uouwqkzw6f")
    }

    @Test("what a vault takes for one name is none of ours twice")
    func differences() throws {
        let names = [
            name("DB_PASSWORD"), name("db_password"), name("DB-PASSWORD"), name("DB.PASSWORD"), name("PASSWORD_DB"),
            name("DB_PASSWORD", "company"), name("DB_PASSWORD", "company.team.DB"), name("DB_PASSWORD", ""),
            name("DB_PASSWORD", tenant: "main"), name("main", "DB_PASSWORD"), name("caf\u{e9}"), name("cafe\u{301}"),
        ]
        let written = try names.map { try #require(try naming.vaultName(of: $0)).lowercased() }
        #expect(Set(written).count == names.count)
    }

    @Test("another prefix is another name, also where both show the same")
    func prefixes() throws {
        let prefixes = [
            "kestra", "Kestra", "kestra_", "kestra-", "k", String(repeating: "k", count: 60), "\u{e9}", "a\u{0}b",
        ]
        let long = String(repeating: "k", count: 61)
        let names = try (prefixes.dropLast() + [long]).map {
            try #require(try SecretNaming(prefix: $0).vaultName(of: name("A")))
        }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy(Self.isVaultName))
        #expect(try SecretNaming(prefix: prefixes.last).vaultName(of: name("A")) == nil)
    }

    @Test("a zero byte, by which the parts are told apart, has no name", arguments: ["A\u{0}", "\u{0}", "A\u{0}main"])
    func zeroBytes(key: String) throws {
        #expect(try naming.vaultName(of: name(key)) == nil)
        #expect(try naming.vaultName(of: name("A", key)) == nil)
        #expect(try naming.vaultName(of: name("A", tenant: key)) == nil)
    }

    @Test("thousands of random names: each is allowed, of its own, and found back through its tags")
    func random() throws {
        var chance = SeededGenerator(seed: 7)
        var seen: [String: SecretName] = [:]
        for _ in 0..<5000 {
            let prefix = chance.next() % 2 == 0 ? nil : text(&chance, 0...70)
            let naming = SecretNaming(prefix: prefix)
            let name = SecretName(
                tenant: text(&chance, 0...8),
                namespace: text(&chance, 0...40),
                key: text(&chance, 1...40)
            )
            let written = try #require(try naming.vaultName(of: name))
            #expect(Self.isVaultName(written))
            let before = seen.updateValue(name, forKey: "\(naming.prefix)/\(written)")
            #expect(before == nil || before == name)
            let tags = try SecretTags(for: SecretWrite(name: name), prefix: naming.prefix, defaults: [:])
            #expect(tags.name == name)
            #expect(tags.identify(name, prefix: naming.prefix))
            #expect(try naming.vaultName(of: try #require(tags.name)) == written)
        }
    }

    private func text(_ chance: inout SeededGenerator, _ lengths: ClosedRange<Int>) -> String {
        let alphabet = Array("aA0_.- /é\u{301}\u{1f511}\n\"")
        return String((0..<Int.random(in: lengths, using: &chance)).map { _ in chance.pick(alphabet) })
    }

    private static func isVaultName(_ name: String) -> Bool {
        (1...127).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }
}

@Suite("Tags in a vault")
struct SecretTagsTests {
    private let name = SecretName(tenant: "main", namespace: "company", key: "A")

    private func tags(
        _ own: [String: String] = [:],
        defaults: [String: String] = [:],
        description: String? = nil
    ) throws(BackendError) -> SecretTags {
        let write = SecretWrite(name: name, description: description, tags: own)
        return try SecretTags(for: write, prefix: "kestra", defaults: defaults)
    }

    @Test("a write's own tags stand over the defaults, and what the agent adds beside them")
    func merged() throws {
        let tags = try tags(["b": "own"], defaults: ["a": "default", "b": "default"], description: "for tests")
        #expect(
            tags.all == [
                "a": "default", "b": "own", "namespace": "company", "key": "A", "prefix": "kestra", "tenant": "main",
                "description": "for tests",
            ]
        )
        #expect(tags.free == ["a": "default", "b": "own"])
        #expect(tags[.description] == "for tests")
    }

    @Test("a tag of the agent's own cannot be chosen", arguments: SecretTags.Own.allCases)
    func reserved(own: SecretTags.Own) {
        #expect(throws: BackendError.self) { try tags([own.rawValue: "x"]) }
        #expect(throws: BackendError.self) { try tags(defaults: [own.rawValue: "x"]) }
    }

    @Test("as many tags as a vault takes are accepted, and one more is refused with both numbers")
    func count() throws {
        let most = Dictionary(uniqueKeysWithValues: (0..<SecretTags.maximumFree).map { ("t\($0)", "") })
        #expect(try tags(most, description: "d").all.count == SecretTags.maximumCount)
        let error = #expect(throws: BackendError.self) { try tags(most.merging(["more": ""]) { $1 }, description: "d") }
        #expect(error == .unsupported(detail: "16 tags are too many for Azure Key Vault, which has room for 15"))
    }

    @Test("tags are as long as a vault takes them, and not longer")
    func length() throws {
        let most = String(repeating: "x", count: 256)
        #expect(try tags([most: most], description: most).free == [most: most])
        #expect(throws: BackendError.self) { try tags([most + "x": ""]) }
        #expect(throws: BackendError.self) { try tags(["a": most + "x"]) }
        #expect(throws: BackendError.self) { try tags(description: most + "x") }
    }

    @Test("a filter wants each tag with exactly its text")
    func filter() {
        let tags = SecretTags(["application": "kestra", "caf\u{e9}": "1"])
        #expect(tags.satisfy([:]))
        #expect(tags.satisfy(["application": "kestra"]))
        #expect(tags.satisfy(["application": "kestra", "caf\u{e9}": "1"]))
        #expect(!tags.satisfy(["application": "Kestra"]))
        #expect(!tags.satisfy(["Application": "kestra"]))
        #expect(!tags.satisfy(["application": "kestra", "stage": "test"]))
        #expect(!tags.satisfy(["cafe\u{301}": "1"]))
    }

    @Test("a secret with other tags is not the one that is meant")
    func identity() throws {
        let tags = try tags()
        #expect(tags.identify(name, prefix: "kestra"))
        #expect(!tags.identify(name, prefix: "other"))
        #expect(!tags.identify(SecretName(tenant: "", namespace: "company", key: "A"), prefix: "kestra"))
        #expect(!SecretTags(["namespace": "company", "key": "A", "tenant": "main"]).identify(name, prefix: "kestra"))
        #expect(!SecretTags([:]).identify(SecretName(tenant: "", namespace: "", key: ""), prefix: ""))
    }
}
