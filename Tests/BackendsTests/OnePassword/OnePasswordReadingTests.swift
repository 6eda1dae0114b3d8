import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("1Password Connect: items and names")
struct OnePasswordReadingTests {
    private let scene: OnePasswordScene

    init() throws { scene = try OnePasswordScene() }

    private func key(_ key: String) -> SecretName { SecretName(tenant: "main", namespace: "company", key: key) }

    private func text(_ backend: any SecretBackend, _ name: String) async throws -> String? {
        try await backend.text(key(name))
    }

    @Test(
        "tenant, namespace and key are a title, and the title says which they are",
        arguments: [
            ("main", "company.team", "DB_PASSWORD", "main/company.team/DB_PASSWORD"),
            ("", "company", "KEY", "company/KEY"),
            ("a/b", "c", "d e", "a%2Fb/c/d%20e"), ("t", "", "k", "t//k"), ("", "n", "it's \"q\"", "n/it%27s%20%22q%22"),
        ]
    )
    func titles(tenant: String, namespace: String, key: String, expected: String) {
        let titles = ItemTitle(layout: .scoped)
        #expect(titles.title(of: SecretName(tenant: tenant, namespace: namespace, key: key)) == expected)
        #expect(titles.key(of: expected, tenant: tenant, namespace: namespace) == key)
        #expect(titles.key(of: expected, tenant: tenant + "2", namespace: namespace) == nil)
        #expect(ItemTitle.isFilterable(expected))
    }

    @Test(
        "a title that is no form of ours is no secret",
        arguments: ["main/company/a%2fb", "main/company/a%4", "main/company/a b", "/main/company/K", "main/company/"]
    )
    func foreignTitles(title: String) {
        #expect(ItemTitle(layout: .scoped).key(of: title, tenant: "main", namespace: "company") == nil)
    }

    @Test("read-only, what people made is found in every namespace, whatever its title")
    func flat() async throws {
        let backend = try scene.backend(readOnly: true)
        for title in ["Plain", "it's \"quoted\" \\", "line\nbreak"] {
            try scene.put(title, ["fields": [scene.password("of \(title)")]])
            #expect(try await text(backend, title) == "of \(title)")
        }
        #expect(try await text(backend, "plain") == nil)
        let page = try await backend.list(ListQuery(tenant: "", namespace: "any", limit: 10))
        #expect(page.entries.map(\.key) == ["Plain", "it's \"quoted\" \\", "line\nbreak"])
    }

    @Test("the fields of an item that is no password are a JSON object, for subkeys")
    func fields() async throws {
        let fields = [
            scene.field("username", "ann", ["purpose": "USERNAME"]), scene.password("made \"up\""),
            scene.field("host", "one", ["section": ["id": "s1"], "id": "h1", "type": "NEW_KIND"]),
            scene.field("host", "two", ["section": ["id": "s2"], "id": "h2"]),
        ]
        try scene.put("db", ["category": "LOGIN", "fields": fields, "sections": [["id": "s1", "label": "Primary"]]])
        let expected = #"{"username":"ann","password":"made \"up\"","Primary.host":"one","s2.host":"two"}"#
        #expect(try await text(try scene.backend(readOnly: true), "db") == expected)
        try scene.put("main/company/LOGIN", ["category": "LOGIN", "fields": fields])
        let backend = try scene.backend()
        await #expect {
            try await backend.write(key("LOGIN"), [1])
        } throws: { "\($0)".contains("category LOGIN") }
    }

    @Test("a password item is its password, and one without any is not there")
    func passwords() async throws {
        try scene.put(
            "one",
            ["fields": [scene.field("before", "x"), scene.password("made up"), scene.field("after", "y")]]
        )
        try scene.put("none", ["fields": [scene.field("other", "x")]])
        let backend = try scene.backend(readOnly: true)
        #expect(try await text(backend, "one") == "made up")
        #expect(try await text(backend, "none") == nil)
    }

    @Test("two items of one title are an error that names both, and archived ones are none")
    func duplicates() async throws {
        try scene.put("main/company/KEY", ["fields": [scene.password("old")], "state": "ARCHIVED"])
        let backend = try scene.backend()
        #expect(try await text(backend, "KEY") == nil)
        let first = try scene.put("main/company/KEY", ["fields": [scene.password("1")]])
        #expect(try await text(backend, "KEY") == "1")
        let second = try scene.put("main/company/KEY", ["fields": [scene.password("2")]])
        await #expect {
            _ = try await backend.read(key("KEY"))
        } throws: { "\($0)".contains(first) && "\($0)".contains(second) }
    }

    @Test("a change keeps what people added, and goes on in the same item")
    func changes() async throws {
        let backend = try scene.backend("tags: {application: kestra}")
        let value = try SecretBytes(copying: "one".utf8Span.span)
        let write = SecretWrite(name: key("KEY"), description: "for tests", tags: ["te:am": "a b"])
        #expect(try await backend.put(write, value: value) == "1")
        let made = try #require(try scene.stored("main/company/KEY").first)
        #expect(made["tags"] as? [String] == ["application:kestra", "te%3Aam:a b"])
        let fields = made["fields"] as? [[String: Any]] ?? []
        #expect(fields.compactMap { $0["value"] as? String } == ["one", "for tests"])
        try scene.put(
            "main/company/OTHER",
            ["fields": [scene.password("old"), scene.field("extra", "kept")], "tags": ["own", "old:1"]]
        )
        try await backend.write(key("OTHER"), Array("new".utf8))
        let changed = try scene.stored("main/company/OTHER")
        #expect(changed.count == 1 && changed[0]["tags"] as? [String] == ["own", "application:kestra"])
        let values = (changed[0]["fields"] as? [[String: Any]] ?? []).compactMap { $0["value"] as? String }
        #expect(values == ["new", "kept"])
    }

    @Test("secrets that are asked for together are found with one list after the first")
    func batch() async throws {
        let backend = try scene.backend()
        for index in 0..<10 {
            try scene.put("main/company/KEY\(index)", ["fields": [scene.password("value \(index)")]])
        }
        try await backend.connect()
        try scene.fake.clearRequests()
        try scene.fake.fault("slow", path: "filter=", ["seconds": 0.5])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<14 {
                group.addTask {
                    let expected = index < 10 ? Array("value \(index)".utf8) : nil
                    let found = try await backend.read(key("KEY\(index)"))
                    #expect(found == expected)
                }
            }
            try await group.waitForAll()
        }
        let lists = try scene.fake.requests().map(\.path).filter { !$0.contains("/items/") }
        #expect(lists.count < 5, "\(lists)")
        #expect(lists.contains { $0.hasSuffix("/items") })
    }

    @Test("titles that look alike are different, also when they are asked for together")
    func lookalikes() async throws {
        let titles = ["first", "caf\u{e9}", "cafe\u{301}"]
        for title in titles { try scene.put(title, ["fields": [scene.password("\(title.utf8.count)")]]) }
        let backend = try scene.backend(readOnly: true)
        try await backend.connect()
        try scene.fake.fault("slow", path: "filter=", ["seconds": 0.3])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for title in titles {
                group.addTask {
                    let found = try await backend.read(key(title))
                    #expect(found == Array("\(title.utf8.count)".utf8))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("only items with all demanded tags are seen")
    func filter() async throws {
        try scene.put("one", ["fields": [scene.password("1")], "tags": ["application:kestra", "x"]])
        try scene.put("two", ["fields": [scene.password("2")], "tags": ["application:other"]])
        let backend = try scene.backend("filter-on-tags: {tags: {application: kestra}}", readOnly: true)
        #expect(try await text(backend, "one") == "1")
        #expect(try await text(backend, "two") == nil)
        let page = try await backend.list(ListQuery(tenant: "", namespace: "", limit: 10))
        #expect(page.entries.map(\.key) == ["one"] && page.entries[0].tags == ["application": "kestra", "x": ""])
    }

    @Test("what was written is there for readers when the write is answered, however late the server shows it")
    func lag() async throws {
        try scene.fake.command("lag", ["seconds": 0.6])
        let backend = try scene.backend()
        try await backend.write(key("KEY"), Array("one".utf8))
        #expect(try await text(backend, "KEY") == "one")
        try await backend.write(key("KEY"), Array("two".utf8))
        #expect(try await text(backend, "KEY") == "two")
        #expect(try await backend.delete(key("KEY")))
        #expect(try await text(backend, "KEY") == nil)
    }

    @Test("of two that make one item at the same time, one stays and the other is told")
    func race() async throws {
        try scene.fake.command("lag", ["seconds": 0.4])
        let (one, two) = (try scene.backend(), try scene.backend())
        async let first: BackendError? = { () async -> BackendError? in
            do throws(BackendError) { try await one.write(key("KEY"), Array("one".utf8)) } catch { return error }
            return nil
        }()
        async let second: BackendError? = { () async -> BackendError? in
            do throws(BackendError) { try await two.write(key("KEY"), Array("two".utf8)) } catch { return error }
            return nil
        }()
        let failures = await [first, second].compactMap { $0 }
        #expect(failures == [.conflict])
        #expect(try scene.stored("main/company/KEY").count == 1)
    }

    @Test("an address may have a slash at its end, or the interface's own path", arguments: ["", "/", "/v1", "/v1/"])
    func addresses(path: String) async throws { try await scene.backend(path: path).connect() }
}
