import Secrets
import Testing

@testable import Backends

@Suite("Names in one list")
struct QualifiedNameTests {
    private let names = QualifiedNames(layout: .scoped, maximumCharacters: 200)

    @Test("the parts stand between colons, and a tenant only where there is one")
    func published() {
        #expect(names.text(of: name("DB_PASSWORD")) == "main:company.team:DB_PASSWORD")
        #expect(names.text(of: name("DB_PASSWORD", tenant: "")) == "company.team:DB_PASSWORD")
        #expect(names.text(of: name("a:b c%")) == "main:company.team:a%3Ab%20c%25")
    }

    @Test("different names have different texts, and each text says its name again")
    func reversible() {
        let parts = [
            "", "a", "A", ":", "a:a", "%3A", "%", "a%", "caf\u{e9}", "cafe\u{301}", "\n", "\u{0}", "\u{1f511}",
        ]
        var texts: [String: SecretName] = [:]
        for tenant in parts {
            for namespace in parts {
                for key in parts.dropFirst() {
                    let name = SecretName(tenant: tenant, namespace: namespace, key: key)
                    let text = names.text(of: name) ?? ""
                    #expect(texts.updateValue(name, forKey: text) == nil, "\(text)")
                    #expect(names.key(of: text, tenant: tenant, namespace: namespace)?.hasSameBytes(as: key) == true)
                    #expect(names.place(of: text) == NamespaceName(tenant: tenant, namespace: namespace))
                }
            }
        }
        for (text, name) in texts {
            let others = parts.filter { !$0.hasSameBytes(as: name.tenant) }
            #expect(others.allSatisfy { names.key(of: text, tenant: $0, namespace: name.namespace) == nil }, "\(text)")
        }
    }

    @Test(
        "a text that no name is written as is nobody's",
        arguments: ["%41", "a%", "a%4", "%zz", "a b", "a:b", "%3a", ""]
    )
    func foreign(text: String) {
        #expect(names.key(of: "main:company.team:\(text)", tenant: "main", namespace: "company.team") == nil)
        #expect(names.place(of: "main:company.team:\(text)") == nil)
    }

    @Test("a flat text is its own key, and one that is too long is none")
    func flat() {
        let flat = QualifiedNames(layout: .flat, maximumCharacters: 4)
        #expect(flat.text(of: name("a: b")) == "a: b")
        #expect(flat.text(of: name("a: bc")) == nil && flat.text(of: name("")) == nil)
        #expect(flat.key(of: "a: b", tenant: "any", namespace: "where") == "a: b")
        #expect(flat.place(of: "a:b") == nil && !flat.tellNamespaces)
    }

    @Test(
        "a text without a namespace, or with a tenant that is empty, is of no namespace",
        arguments: ["KEY", ":a:KEY", ""]
    )
    func nowhere(text: String) {
        #expect(names.place(of: text) == nil)
    }
}
