import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Vault: paths and values")
struct VaultReadingTests {
    private let scene: VaultScene

    init() throws { scene = try VaultScene() }

    @Test("a secret is below the tenant and each part of its namespace")
    func tree() async throws {
        let backend = try scene.backend()
        try scene.put("main/company/team/DB_PASSWORD", ["value": "made up"])
        #expect(try await backend.text("DB_PASSWORD") == "made up")
        #expect(backend.place(of: name("A B")) == "secret/data/main/company/team/A%20B")
        try await backend.write(name("OWN"), Array("x".utf8))
        let stored = try scene.fake.command("stored", ["path": "main/company/team/OWN"])
        #expect(stored["data"] as? [String: String] == ["value": "x"])
    }

    @Test("a map of fields is its JSON, in which a subkey finds a field")
    func maps() async throws {
        let backend = try scene.backend()
        try scene.fake.command(
            "put",
            ["path": "main/company/team/api", "json": #"{"API_TOKEN":"t","big":12345678901234567890.10,"port":5432}"#]
        )
        #expect(try await backend.text("api") == #"{"API_TOKEN":"t","big":12345678901234567890.10,"port":5432}"#)
        // One field of another name is a map too, so that its subkey can be asked for.
        try scene.put("main/company/team/one", ["password": "p"])
        #expect(try await backend.text("one") == #"{"password":"p"}"#)
    }

    @Test("read-only, every secret below the prefix is a key, whatever the namespace")
    func flat() async throws {
        try scene.put("app1/api", ["API_TOKEN": "t"])
        try scene.put("app1/db", ["value": "v"])
        try scene.put("app1/db/below", ["value": "hidden"])
        try scene.put("app2/other", ["value": "v"])
        let backend = try scene.backend("secret-path-prefix: /app1/", readOnly: true)
        #expect(try await backend.text("db") == "v")
        #expect(try await backend.text("api") == #"{"API_TOKEN":"t"}"#)
        #expect(try await backend.text("other") == nil)
        // A slash would leave the prefix's folder.
        #expect(try await backend.text("db/below") == nil)
        #expect(try await backend.text("../app2/other") == nil)
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "any.where", limit: 10))
        #expect(page.entries.map(\.key) == ["api", "db"])
    }

    @Test("a deleted version, and a destroyed one, are not found")
    func deleted() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("1".utf8))
        try await backend.write(name("KEY"), Array("2".utf8))
        #expect(try await backend.get(name("KEY"), version: "1")?.version == "1")
        _ = try await backend.delete(name("KEY"))
        #expect(try await backend.text("KEY") == nil)
        #expect(try await backend.get(name("KEY"), version: "2") == nil)
        #expect(try await backend.get(name("KEY"), version: "1") != nil)
        #expect(try await backend.get(name("KEY"), version: "9") == nil)
    }

    @Test("a namespace of Vault is sent with each request but none about health")
    func namespaces() async throws {
        try scene.fake.command("namespace", ["path": "admin/team"])
        let token = try scene.fake.command("token", ["label": "in", "namespace": "admin/team"])["token"] as? String
        let backend = try scene.backend(login: "token: {token: \(token ?? "")}", "namespace: admin/team")
        try await backend.connect()
        try await backend.write(name("KEY"), Array("1".utf8))
        #expect(try await backend.text("KEY") == "1")
        let requests = try scene.fake.requests()
        #expect(requests.allSatisfy { $0.headers["x-vault-namespace"] == "admin/team" })
        #expect(try await scene.backend().text("KEY") == nil)
    }

    @Test("an engine of the other version is named with what to set", arguments: [("secret", 1), ("kv1", 2)])
    func wrongVersion(engine: String, version: Int) async throws {
        let backend = try scene.backend("root-engine: \(engine)\nengine-version: \(version)")
        await #expect {
            try await backend.connect()
        } throws: { error in
            "\(error)".contains("engine-version: \(3 - version)")
        }
    }

    @Test("an engine that is not there is no missing secret")
    func noEngine() async throws {
        let backend = try scene.backend("root-engine: nothing")
        await #expect {
            try await backend.read(name("KEY"))
        } throws: { error in
            if case BackendError.malformed(let detail) = error { detail.contains("root-engine") } else { false }
        }
    }

    @Test("tags and the default tags become custom metadata, and what Vault would not keep is refused before the value")
    func tags() async throws {
        let backend = try scene.backend("tags: {application: kestra}")
        let value = SharedSecret(try SecretBytes(copying: "v".utf8Span.span))
        _ = try await backend.put(SecretWrite(name: name("KEY"), tags: ["owner": "a"]), value: value.value)
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 1))
        #expect(page.entries.first?.tags == ["application": "kestra", "owner": "a"])
        let long = SecretWrite(name: name("LONG"), tags: ["owner": String(repeating: "x", count: 513)])
        await #expect(throws: BackendError.self) { try await backend.put(long, value: value.value) }
        #expect(try await backend.text("LONG") == nil)
    }
}
