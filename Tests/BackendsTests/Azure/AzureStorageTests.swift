import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Secrets in Azure Key Vault")
struct AzureStorageTests {
    private let vault: FakeVault
    private let secret = name("DB_PASSWORD")

    init() throws { vault = try FakeVault() }

    /// The last step of the place, which is the vault's name.
    private func vaultName(_ backend: any SecretBackend) -> String {
        backend.place(of: secret).split(separator: "/").last.map(String.init) ?? ""
    }

    @Test("the place is where the vault has it, with its tags and content type")
    func stored() async throws {
        let backend = try vault.backend("prefix: Team_A\ntags: {application: kestra, stage: test}")
        let value = try SecretBytes(copying: "p\u{e4}ss\"word\n".utf8Span.span)
        let write = SecretWrite(name: secret, description: "for tests", tags: ["stage": "own"])
        let version = try await backend.put(write, value: value)
        #expect(backend.place(of: secret).hasPrefix("\(vault.detail("vault-address"))/secrets/team-a-"))
        let stored = try vault.fake.command("stored", ["name": vaultName(backend)])
        #expect(stored["value"] as? String == "p\u{e4}ss\"word\n")
        #expect(stored["contentType"] as? String == "text/plain")
        #expect(
            stored["tags"] as? [String: String] == [
                "namespace": "company.team", "key": "DB_PASSWORD", "prefix": "Team_A", "application": "kestra",
                "stage": "own", "description": "for tests", "tenant": "main",
            ]
        )
        #expect(version.utf8.count == 32)
        await backend.close()
    }

    @Test("bytes that are no text come back as they were, and are marked in the vault")
    func bytes() async throws {
        let backend = try vault.backend()
        try await backend.write(secret, [0, 0xff, 0x80])
        let stored = try vault.fake.command("stored", ["name": vaultName(backend)])
        #expect(stored["value"] as? String == "AP+A")
        #expect(stored["contentType"] as? String == "application/octet-stream;base64")
        #expect(try await backend.read(secret) == [0, 0xff, 0x80])
        await backend.close()
    }

    @Test("each version can be read, by its own name only")
    func versions() async throws {
        let backend = try vault.backend()
        let first = try await backend.write(secret, Array("one".utf8))
        let second = try await backend.write(secret, Array("two".utf8))
        for (version, expected) in [(first, "one"), (second, "two")] {
            guard let fetched = try await backend.get(secret, version: version) else {
                Issue.record("\(expected) is missing")
                continue
            }
            #expect(fetched.version == version)
            #expect(AzureScene.text(SharedSecret(fetched.takeValue())) == expected)
        }
        let isMissing = try await backend.get(secret, version: String(repeating: "0", count: 32)) == nil
        #expect(isMissing)
        await backend.close()
    }

    @Test("two prefixes in one vault do not see each other")
    func prefixes() async throws {
        let (one, two) = (try vault.backend("prefix: one"), try vault.backend("prefix: two"))
        try await one.write(secret, Array("1".utf8))
        #expect(try await two.read(secret) == nil)
        let query = ListQuery(tenant: "main", namespace: "company.team", limit: 10)
        #expect(try await two.list(query).entries.isEmpty)
        #expect(try await one.list(query).entries.count == 1)
        let isDeleted = try await two.delete(secret)
        #expect(!isDeleted)
        for backend in [one, two] { await backend.close() }
    }

    @Test("a listing goes through all pages, empty ones among them")
    func pages() async throws {
        let backend = try vault.backend()
        let keys = (100..<160).map { "KEY_\($0)" }
        for key in keys { try await backend.write(name(key), Array("1".utf8)) }
        for number in 0..<5 { try vault.fake.command("put", ["name": "by-hand-\(number)", "value": "made up"]) }
        try vault.fake.command("paging", ["empty_pages": 2])
        var found: [String] = []
        var hasMore = true
        while hasMore {
            let page = try await backend.list(
                ListQuery(tenant: "main", namespace: "company.team", after: found.last ?? "", limit: 7)
            )
            found += page.entries.map(\.key)
            hasMore = page.hasMore
        }
        #expect(found == keys)
        let pages = try vault.fake.requests().filter {
            $0.method == "GET" && $0.path.hasPrefix("/secrets?") && $0.status == 200
        }
        #expect(pages.count == 5)
        await backend.close()
    }

    @Test("a page's link to another host is not followed")
    func foreignLink() async throws {
        let other = try FakeVault()
        let backend = try vault.backend()
        try vault.fake.command("paging", ["empty_pages": 1, "next_link_base": other.detail("vault-address")])
        await #expect(throws: BackendError.self) {
            try await backend.list(ListQuery(tenant: "", namespace: "company.team", limit: 7))
        }
        #expect(try other.fake.requests().isEmpty)
        await backend.close()
    }

    @Test("a name that was deleted a moment ago can be written again")
    func softDeletion() async throws {
        let time = vault.time()
        let backend = try vault.backend(time: time.source)
        try vault.fake.command("vault", ["transition": 5])
        try await backend.write(secret, Array("one".utf8))
        #expect(try await backend.delete(secret))
        #expect(try await backend.read(secret) == nil)
        try await backend.write(secret, Array("two".utf8))
        #expect(try await backend.read(secret) == Array("two".utf8))
        #expect(time.slept >= .seconds(10) && time.slept <= .seconds(14))
        await backend.close()
    }

    @Test("secrets that were made by hand are read with their tags, read-only")
    func byHand() async throws {
        try vault.fake.command("put", ["name": "DB-Password", "value": "by name"])
        let tags = ["namespace": "company.team", "key": "API_KEY", "application": "kestra-production"]
        try vault.fake.command("put", ["name": "whatever", "value": "by tags", "tags": tags])
        let all = try vault.backend(readOnly: true)
        #expect(try await all.read(secret) == Array("by name".utf8))
        #expect(try await all.read(name("API_KEY")) == Array("by tags".utf8))
        let filtered = try vault.backend("filter-on-tags: {tags: {application: kestra-production}}", readOnly: true)
        #expect(try await filtered.read(secret) == nil)
        #expect(try await filtered.read(name("API_KEY")) == Array("by tags".utf8))
        let writing = try vault.backend()
        #expect(try await writing.read(name("API_KEY")) == nil)
        for backend in [all, filtered, writing] { await backend.close() }
    }

    @Test("a filter also hides the agent's own secrets, and those that lost their tag since they were listed")
    func filteredReads() async throws {
        let writing = try vault.backend()
        try await writing.write(secret, Array("1".utf8))
        let filtered = try vault.backend("filter-on-tags: {tags: {stage: test}}", readOnly: true)
        #expect(try await filtered.read(secret) == nil)
        let tags = ["key": "API_KEY", "stage": "test"]
        try vault.fake.command("put", ["name": "by-hand", "value": "made up", "tags": tags])
        let other = try vault.backend("filter-on-tags: {tags: {stage: test}}", readOnly: true)
        #expect(try await other.read(name("API_KEY")) != nil)
        try vault.fake.command("put", ["name": "by-hand", "value": "made up", "tags": ["key": "API_KEY"]])
        #expect(try await other.read(name("API_KEY")) == nil)
        for backend in [writing, filtered, other] { await backend.close() }
    }

    @Test("a disabled secret is forbidden, and not missing")
    func disabled() async throws {
        let backend = try vault.backend()
        let own = try ScriptedVault.own(secret)
        let body: [String: Any] = ["name": own.name, "value": "x", "tags": own.tags, "attributes": ["enabled": false]]
        try vault.fake.command("put", body)
        await #expect {
            try await backend.read(secret)
        } throws: { error in
            guard case .forbidden(let detail) = error as? BackendError else { return false }
            return detail.contains("disabled")
        }
        await backend.close()
    }
}
