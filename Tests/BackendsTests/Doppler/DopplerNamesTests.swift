import Secrets
import SeededGenerator
import Testing

@testable import Backends

@Suite("Names in Doppler")
struct DopplerNamesTests {
    private let scoped = DopplerNames(layout: .scoped, prefix: "kestra")
    private let flat = DopplerNames(layout: .flat, prefix: "kestra")

    @Test(
        "tenant, namespace and key together are a name, and the name says which they are",
        arguments: [
            ("main", "company.team", "DB_PASSWORD", "KESTRA_9MAIN_9COMPANY_0TEAM_9DB_PASSWORD"),
            ("", "company", "KEY", "KESTRA_9_9COMPANY_9KEY"), ("main", "", "9", "KESTRA_9MAIN_9_99"),
            ("main", "company", "db_password", "KESTRA_9MAIN_9COMPANY_8DB_2PASSWORD"),
            ("main", "company", "Db.Password", "KESTRA_9MAIN_9COMPANY_8_3DB_0_3PASSWORD"),
            ("Main", "a-b", "K", "KESTRA_9_3MAIN_9A_1B_9K"),
            ("main", "company", "caf\u{e9}", "KESTRA_9MAIN_9COMPANY_8CAF_4C3_4A9"),
        ]
    )
    func scoped(tenant: String, namespace: String, key: String, expected: String) {
        let name = SecretName(tenant: tenant, namespace: namespace, key: key)
        #expect(scoped.dopplerName(of: name) == expected)
        #expect(scoped.key(of: expected, tenant: tenant, namespace: namespace) == key)
    }

    @Test("different names have different forms, whichever prefix they have, and each form is a name of Doppler's")
    func collisions() {
        var random = SeededGenerator(seed: 41)
        let alphabet = Array("aA09_.-8é")
        func text() -> String {
            String(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" }
            )
        }
        var seen: [String: (String, SecretName)] = [:]
        for _ in 0..<20_000 {
            let prefix = ["", "a", "a_9a", "a_"].randomElement(using: &random) ?? ""
            let name = SecretName(tenant: text(), namespace: text(), key: text())
            guard let form = DopplerNames(layout: .scoped, prefix: prefix).dopplerName(of: name) else {
                #expect(name.key.isEmpty)
                continue
            }
            #expect(form.wholeMatch(of: /[A-Z_][A-Z0-9_]*/) != nil || prefix == "", "\(form)")
            if let other = seen[form] { #expect(other == (prefix, name), "\(form)") }
            seen[form] = (prefix, name)
            let names = DopplerNames(layout: .scoped, prefix: prefix)
            #expect(
                names.key(of: form, tenant: name.tenant, namespace: name.namespace)?.hasSameBytes(as: name.key) == true
            )
        }
    }

    @Test("what another wrote is no name, where no name is written so")
    func foreign() {
        for form in [
            "KESTRA_9MAIN_9COMPANY_8DB", "KESTRA_9MAIN_9COMPANY_8DB_2", "KESTRA_9MAIN_9COMPANY_9",
            "KESTRA_9MAIN_9COMPANY_8DB_7", "KESTRA_9MAIN_9COMPANY_8_441B", "KESTRA_9MAIN_9COMPANY_8_4",
            "KESTRA_9MAIN_9COMPANY_0X_9KEY", "OTHER",
        ] {
            let key = scoped.key(of: form, tenant: "main", namespace: "company")
            #expect(
                key == nil
                    || scoped.dopplerName(of: SecretName(tenant: "main", namespace: "company", key: key ?? "")) == form
            )
        }
        #expect(scoped.key(of: "KESTRA_9MAIN_9COMPANY_9", tenant: "main", namespace: "company") == nil)
        #expect(scoped.key(of: "KESTRA_9MAIN_9COMPANY_0X_9KEY", tenant: "main", namespace: "company") == nil)
    }

    @Test("flat, a name behind the prefix is a key, for everybody")
    func flatNames() {
        let name = SecretName(tenant: "any", namespace: "any", key: "DB_PASSWORD")
        #expect(flat.dopplerName(of: name) == "KESTRA_DB_PASSWORD")
        #expect(flat.key(of: "KESTRA_DB_PASSWORD", tenant: "x", namespace: "y") == "DB_PASSWORD")
        #expect(flat.key(of: "OTHER", tenant: "x", namespace: "y") == nil)
        #expect(flat.dopplerName(of: SecretName(tenant: "", namespace: "", key: "db_password")) == nil)
        let bare = DopplerNames(layout: .flat, prefix: "")
        #expect(bare.dopplerName(of: name) == "DB_PASSWORD")
        for key in ["9KEY", "", "DOPPLER_PROJECT"] {
            #expect(bare.dopplerName(of: SecretName(tenant: "", namespace: "", key: key)) == nil)
        }
    }

    @Test("a name that would be too long is none")
    func long() {
        let most = String(repeating: "K", count: DopplerNames.maximumCharacters - "KESTRA_".count)
        #expect(flat.dopplerName(of: SecretName(tenant: "", namespace: "", key: most)) != nil)
        #expect(flat.dopplerName(of: SecretName(tenant: "", namespace: "", key: most + "K")) == nil)
    }
}
