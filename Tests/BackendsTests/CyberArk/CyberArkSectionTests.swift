import Secrets
import Testing

@testable import Backends

@Suite("The section cyberark")
struct CyberArkSectionTests {
    private func backend(_ lines: String...) throws -> any SecretBackend {
        try ConfiguredBackend(type: "cyberark", section: (["address: https://host"] + lines).joined(separator: "\n"))
            .make()
    }

    private func refusal(_ lines: String...) -> String {
        let section = (["address: https://host"] + lines).joined(separator: "\n")
        do {
            _ = try ConfiguredBackend(type: "cyberark", section: section).make()
            return ""
        } catch { return "\(error)" }
    }

    @Test("what it says decides which product is asked")
    func products() throws {
        #expect(try backend("username: ann", "password: p") is PasswordVaultBackend)
        #expect(try backend("username: ann", "password: p", "account: acme") is ConjurBackend)
        #expect(try backend("app-id: Kestra", "safe: S") is CentralCredentialsBackend)
        #expect(try backend("api: PVWA", "username: ann", "password: p") is PasswordVaultBackend)
    }

    @Test("a product that is named needs its keys, and takes no others")
    func keys() {
        #expect(refusal("api: conjur", "username: ann", "password: p").contains("cyberark.account: is missing"))
        #expect(refusal("api: ccp", "safe: S").contains("app-id"))
        #expect(refusal("app-id: Kestra").contains("cyberark.safe"))
        #expect(refusal("api: vault").contains("cyberark.api"))
        #expect(
            refusal("username: ann", "password: p", "api: pvwa", "account: x").contains("has no meaning for api: pvwa")
        )
        #expect(refusal("app-id: x", "safe: S", "password: hush-hush").contains("has no meaning for api: ccp"))
        #expect(!refusal("app-id: x", "safe: S", "password: hush-hush").contains("hush-hush"))
        #expect(refusal("username: ann", "password: p", "safe: 'a.b'").contains("cyberark.safe"))
        #expect(refusal("username: ann").contains("cyberark.password: is missing"))
    }

    @Test("a credential of Conjur fits its authenticator")
    func credentials() {
        let account = "account: acme"
        #expect(refusal(account, "username: ann").contains("is missing, and so is password"))
        #expect(refusal(account, "username: ann", "password: p", "api-key: k").contains("beside password"))
        #expect(
            refusal(account, "username: ann", "api-key: k", "authenticator: authn-ldap").contains("authn-ldap/SERVICE")
        )
        #expect(refusal(account, "authenticator: authn-jwt/x").contains("jwt-path"))
        let both = refusal(account, "authenticator: authn-jwt/x", "jwt-path: /x", "api-key: k")
        #expect(both.contains("the token says who the agent is"))
        #expect(refusal(account, "username: ann", "api-key: k", "manage-policy: true").contains("policy-path"))
    }

    @Test("different names have different accounts and variables, and each says its name again")
    func reversible() {
        let parts = [
            "a", "A", "@", "a@a", "~40", "~", "a~", "%40", "caf\u{e9}", "cafe\u{301}", "\u{1f511}", "/", "a/a", ".",
        ]
        for (separator, names) in [
            ("@", AccountNames(layout: .scoped, safe: nil).names),
            (
                "/",
                QualifiedNames(layout: .scoped, maximumCharacters: 1000, separator: "/", mark: ConjurOptions.mark)
            ),
        ] {
            var texts: [String: SecretName] = [:]
            for tenant in parts + [""] {
                for namespace in parts {
                    for key in parts {
                        let name = SecretName(tenant: tenant, namespace: namespace, key: key)
                        let text = names.text(of: name) ?? ""
                        #expect(texts.updateValue(name, forKey: text) == nil, "\(text)")
                        #expect(text.split(separator: separator).count == (tenant.isEmpty ? 2 : 3))
                        let read = names.key(of: text, tenant: tenant, namespace: namespace)
                        #expect(read?.hasSameBytes(as: key) == true, "\(text)")
                    }
                }
            }
        }
    }
}
