import Foundation
import Secrets
import Synchronization
import Testing

@testable import Backends

@Suite("Reading a vault by others")
struct ForeignReadingTests {
    private struct Held: Sendable {
        let name: String
        let value: String
        var tags: [String: String] = [:]
        var attributes = #""enabled":true,"updated":1795339815"#
    }

    private let list: [Held] = [
        Held(name: "Db-Password", value: "by name"),
        Held(
            name: "tagged-1",
            value: "tagged",
            tags: ["namespace": "company.team", "key": "API_KEY", "stage": "test"]
        ),
        Held(name: "tagged-2", value: "parent", tags: ["namespace": "company", "key": "API_KEY"]),
        Held(
            name: "other-prefix",
            value: "never",
            tags: ["namespace": "company.team", "key": "API_KEY", "prefix": "other"]
        ),
        Held(name: "twin-1", value: "never", tags: ["namespace": "company.team", "key": "TWIN"]),
        Held(name: "twin-2", value: "never", tags: ["namespace": "company.team", "key": "TWIN"]),
        Held(name: "off", value: "never", attributes: #""enabled":false"#),
        Held(name: "over", value: "old", attributes: #""enabled":true,"exp":1795339800"#),
        Held(name: "early", value: "new", attributes: #""enabled":true,"nbf":1795339900"#),
        Held(name: "limited", value: "short", attributes: #""enabled":true,"nbf":1795339815,"exp":1795339845"#),
    ]

    /// A vault that lists its secrets two at a time, with an empty page between.
    private func vault(_ section: String = "", host: String = "https://acme.vault.localhost") throws -> ScriptedVault {
        let held = list
        return try ScriptedVault(section: section, readOnly: true) { request in
            if request.path.hasPrefix("/secrets?") {
                let start = Int(request.path.components(separatedBy: "skiptoken=").dropFirst().first ?? "0") ?? 0
                let isEmpty = start == 4 && !request.path.contains("twice")
                let page = isEmpty ? [] : held.dropFirst(start).prefix(2)
                let next = isEmpty ? "twice=1&$skiptoken=4" : "$skiptoken=\(start + 2)"
                let port = request.headers["host"]?.components(separatedBy: ":").last ?? ""
                let link = "http://acme.vault.localhost:\(port)/secrets?api-version=7.4&\(next)"
                let entries = page.map { ScriptedVault.bundle($0.name, tags: $0.tags, attributes: $0.attributes) }
                let more = isEmpty || start + 2 < held.count ? #","nextLink":"\#(link)""# : #","nextLink":null"#
                return .json(#"{"value":[\#(entries.joined(separator: ","))]\#(more)}"#)
            }
            let name = request.path.dropFirst("/secrets/".count).prefix { $0 != "?" && $0 != "/" }
            guard let found = held.first(where: { $0.name.lowercased() == name.lowercased() }) else {
                return ScriptedVault.missing
            }
            if found.attributes.contains("false") {
                return .json(403, ScriptedVault.error("Forbidden", "SecretDisabled"))
            }
            return .json(
                ScriptedVault.bundle(found.name, value: found.value, tags: found.tags, attributes: found.attributes)
            )
        }
    }

    private func read(_ vault: ScriptedVault, _ key: String, _ namespace: String = "company.team") async throws
        -> String?
    {
        try await vault.backend.read(name(key, namespace: namespace)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func lifetime(_ vault: ScriptedVault, _ key: String) async throws -> Duration? {
        guard let fetched = try await vault.backend.get(name(key), version: nil) else {
            Issue.record("it is missing")
            return nil
        }
        return fetched.lifetime
    }

    private func error(_ vault: ScriptedVault, _ key: String) async -> BackendError? {
        do throws(BackendError) {
            _ = try await vault.backend.read(name(key))
            return nil
        } catch {
            return error
        }
    }

    @Test("secrets are found by their tags, and those without by their names")
    func found() async throws {
        let vault = try vault()
        #expect(try await read(vault, "DB_PASSWORD") == "by name")
        #expect(try await read(vault, "db.password", "elsewhere") == "by name")
        #expect(try await read(vault, "API_KEY") == "tagged")
        #expect(try await read(vault, "API_KEY", "company") == "parent")
        #expect(try await read(vault, "API_KEY", "company.team.more") == nil)
        #expect(try await read(vault, "api_key") == nil)
        #expect(try await read(vault, "tagged-1") == nil)
        await vault.backend.close()
    }

    @Test("the names are listed once for all, and again when they are old")
    func listing() async throws {
        let vault = try vault()
        for _ in 0..<5 { _ = try await read(vault, "MISSING") }
        let pages = vault.asked.count { $0.path.hasPrefix("/secrets?") && $0.headers["authorization"] != nil }
        #expect(pages == 6)
        vault.time.pass(.seconds(61))
        _ = try await read(vault, "MISSING")
        #expect(vault.asked.count { $0.path.hasPrefix("/secrets?") && $0.headers["authorization"] != nil } == 2 * pages)
        await vault.backend.close()
    }

    @Test("what is listed is found by its name with one request")
    func oneRequest() async throws {
        let vault = try vault()
        _ = try await read(vault, "API_KEY")
        let before = vault.asked.count
        #expect(try await read(vault, "API_KEY") == "tagged")
        #expect(vault.asked.count == before + 1)
        await vault.backend.close()
    }

    @Test("two secrets that claim to be the same are an error that names both")
    func twins() async throws {
        let vault = try vault()
        guard case .malformed(let detail) = await error(vault, "TWIN") else {
            Issue.record("one of them was taken")
            return
        }
        #expect(detail.contains("twin-1") && detail.contains("twin-2"))
        await vault.backend.close()
    }

    @Test(
        "a disabled secret is refused as disabled, an old and an early one as such",
        arguments: zip(["OFF", "OVER", "EARLY"], ["disabled", "expired", "not valid yet"])
    )
    func states(key: String, word: String) async throws {
        let vault = try vault()
        guard case .forbidden(let detail) = await error(vault, key) else {
            Issue.record("it was not forbidden")
            return
        }
        #expect(detail.contains(word))
        await vault.backend.close()
    }

    @Test("a secret that ends soon is not kept for longer")
    func lifetime() async throws {
        let vault = try vault()
        #expect(try await lifetime(vault, "LIMITED") == .seconds(30))
        #expect(try await lifetime(vault, "DB_PASSWORD") == nil)
        await vault.backend.close()
    }

    @Test("dates do not count where the configuration says so")
    func dates() async throws {
        let vault = try vault("enforce-dates: false")
        #expect(try await read(vault, "OVER") == "old")
        #expect(try await read(vault, "EARLY") == "new")
        #expect(try await lifetime(vault, "LIMITED") == nil)
        await vault.backend.close()
    }

    @Test("only secrets with the tags of the filter are seen")
    func filter() async throws {
        let vault = try vault("filter-on-tags: {tags: {stage: test}}")
        #expect(try await read(vault, "API_KEY") == "tagged")
        #expect(try await read(vault, "DB_PASSWORD") == nil)
        #expect(try await read(vault, "API_KEY", "company") == nil)
        let page = try await vault.backend.list(ListQuery(tenant: "", namespace: "company.team", limit: 10))
        #expect(page.entries.map(\.key) == ["API_KEY"])
        await vault.backend.close()
    }

    @Test("the listing of a namespace has its own and those of all, in order, with tags and times")
    func listed() async throws {
        let vault = try vault()
        let page = try await vault.backend.list(ListQuery(tenant: "", namespace: "company.team", limit: 10))
        #expect(page.entries.map(\.key) == ["API_KEY", "Db-Password", "TWIN", "early", "limited", "off", "over"])
        #expect(!page.hasMore)
        #expect(page.entries.first?.tags == ["stage": "test"])
        #expect(page.entries.first?.updatedAt == 1_795_339_815_000)
        await vault.backend.close()
    }

    @Test("without the look at others' secrets nothing is listed")
    func ownOnly() async throws {
        let vault = try vault("foreign-names: false")
        #expect(try await read(vault, "API_KEY") == nil)
        #expect(!vault.asked.contains { $0.path.hasPrefix("/secrets?") && $0.headers["authorization"] != nil })
        await vault.backend.close()
    }

    @Test("nothing is written")
    func readOnly() async throws {
        let vault = try vault()
        #expect(vault.backend.capabilities == [.list, .versions])
        await #expect(throws: BackendError.readOnly) { try await vault.backend.write(name("A"), [1]) }
        await #expect(throws: BackendError.readOnly) { try await vault.backend.delete(name("A")) }
        #expect(vault.endpoint.requests.isEmpty)
    }
}

@Suite("Answers of a vault that cannot be trusted")
struct HostileVaultTests {
    private let secret = name("DB_PASSWORD")

    private func error(_ answer: @escaping @Sendable (ScriptedVault.Request) -> ScriptedVault.Reply) async throws
        -> BackendError?
    {
        let vault = try ScriptedVault(answer: answer)
        do throws(BackendError) {
            _ = try await vault.backend.read(secret)
            _ = try await vault.backend.list(ListQuery(tenant: "", namespace: "company.team", limit: 10))
            await vault.backend.close()
            return nil
        } catch {
            await vault.backend.close()
            return error
        }
    }

    @Test("a link to the next page that leads away is not followed")
    func links() async throws {
        let away = try ScriptedEndpoint { _ in .json(#"{"value":[]}"#) }
        for link in [
            "\(away.address)/secrets?a", "http://acme.vault.localhost:\(away.port)/secrets?a", "/secrets", "::",
        ] {
            guard
                case .malformed = try await error({ request in
                    request.path.hasPrefix("/secrets?")
                        ? .json(#"{"value":[],"nextLink":"\#(link)"}"#) : ScriptedVault.missing
                })
            else {
                Issue.record("\(link) was followed")
                continue
            }
        }
        #expect(away.requests.isEmpty)
    }

    @Test("a listing that never ends is ended")
    func endless() async throws {
        let time = VaultTime()
        let endpoint = try ScriptedEndpoint { request in
            if request.path.contains("/oauth2/") { return .json(#"{"access_token":"made-up","expires_in":99999}"#) }
            guard request.headers["authorization"] != nil else {
                return .json(401, "{}", ["WWW-Authenticate": ScriptedVault.challenge()])
            }
            time.pass(.seconds(10))
            let link = "http://\(request.headers["host"] ?? "")/secrets?api-version=7.4&$skiptoken=again"
            return .json(#"{"value":[],"nextLink":"\#(link)"}"#)
        }
        let backend = try AzureScene.backend(
            """
            key-vault-uri: http://acme.vault.localhost:\(endpoint.port)
            authority-host: \(endpoint.address)
            client-secret: {tenant-id: \(AzureScene.tenant), client-id: c, client-secret: made-up}
            """,
            time: time.source
        )
        await #expect {
            try await backend.list(ListQuery(tenant: "", namespace: "a", limit: 1))
        } throws: { error in
            guard case .unavailable(let detail, _) = error as? BackendError else { return false }
            return detail.contains("120 seconds")
        }
        #expect(endpoint.requests.count < 20)
        await backend.close()
    }

    @Test("who gives up waiting for a listing is let go, and the next finds it")
    func abandoned() async throws {
        let gate = Mutex(true)
        let vault = try ScriptedVault { _ in
            while gate.withLock({ $0 }) { usleep(1000) }
            return .json(#"{"value":[]}"#)
        }
        let backend = vault.backend
        let query = ListQuery(tenant: "", namespace: "a", limit: 1)
        let waiting = Task { try await backend.list(query) }
        while vault.endpoint.requests.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
        waiting.cancel()
        await #expect(throws: BackendError.self) { _ = try await waiting.value }
        gate.withLock { $0 = false }
        #expect(try await backend.list(query).entries.isEmpty)
        #expect(vault.endpoint.requests.count <= 4)
        await backend.close()
    }

    @Test("a listing that a write has overtaken is not used for the next page")
    func overtaken() async throws {
        let gate = Mutex(true)
        let pages = Mutex(0)
        let own = try ScriptedVault.own(secret)
        let vault = try ScriptedVault { request in
            guard request.path.hasPrefix("/secrets?") else {
                return .json(ScriptedVault.bundle(own.name, value: "made up", tags: own.tags))
            }
            let number = pages.withLock { pages in
                pages += 1
                return pages
            }
            guard number == 1 else { return .json(#"{"value":[\#(ScriptedVault.bundle(own.name, tags: own.tags))]}"#) }
            while gate.withLock({ $0 }) { usleep(1000) }
            return .json(#"{"value":[]}"#)
        }
        let (backend, secret) = (vault.backend, secret)
        func query(after: String) -> ListQuery {
            ListQuery(tenant: "main", namespace: "company.team", after: after, limit: 1)
        }
        let first = Task { try await backend.list(query(after: "")) }
        while pages.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(1)) }
        try await backend.write(secret, Array("new".utf8))
        gate.withLock { $0 = false }
        #expect(try await first.value.entries.isEmpty)
        #expect(try await backend.list(query(after: "A")).entries.map(\.key) == ["DB_PASSWORD"])
        await backend.close()
    }

    @Test(
        "an answer that is none is never taken for a missing secret",
        arguments: [
            "", "null", "[]", "{}", "<html>", #"{"value":"x"}"#, #"{"value":7,"id":"https://v/secrets/x/1"}"#,
            #"{"value":"x","id":"https://v/secrets/other/1"}"#, #"{"value":"x","id":7}"#,
        ]
    )
    func answers(body: String) async throws {
        guard case .malformed = try await error({ _ in .json(body) }) else {
            Issue.record("\(body) was taken for an answer")
            return
        }
        guard case .malformed = try await error({ _ in .json(404, body) }) else {
            Issue.record("404 with \(body) was taken for a missing secret")
            return
        }
    }

    @Test("a secret with the right name and other tags is not there")
    func tags() async throws {
        let own = try ScriptedVault.own(secret)
        for tags in [[:], own.tags.merging(["key": "OTHER"]) { $1 }, own.tags.merging(["tenant": "t"]) { $1 }] {
            let body = ScriptedVault.bundle(own.name, value: "made up", tags: tags)
            let vault = try ScriptedVault { _ in .json(body) }
            #expect(try await vault.backend.read(secret) == nil)
            await vault.backend.close()
        }
    }

    @Test("a value that is marked as Base64 and is not, is an error; one that is, is decoded")
    func forms() async throws {
        let own = try ScriptedVault.own(secret)
        let mark = #","contentType":"application/octet-stream;base64""#
        let good = ScriptedVault.bundle(own.name, value: "AP8=", tags: own.tags, more: mark)
        let vault = try ScriptedVault { _ in .json(good) }
        #expect(try await vault.backend.read(secret) == [0, 0xff])
        let bad = ScriptedVault.bundle(own.name, value: "made up", tags: own.tags, more: mark)
        guard case .malformed = try await error({ _ in .json(bad) }) else {
            Issue.record("it was taken for bytes")
            return
        }
        await vault.backend.close()
    }

    @Test(
        "a version that would lead elsewhere is not asked for",
        arguments: ["../x", "a/b", "a?b", "", "\u{e9}", "a b"]
    )
    func versions(version: String) async throws {
        let vault = try ScriptedVault { _ in ScriptedVault.missing }
        let isMissing = try await vault.backend.get(secret, version: version) == nil
        #expect(isMissing)
        #expect(vault.endpoint.requests.isEmpty)
    }

    @Test("a vault that asks for fewer requests is believed, in each of its headers")
    func throttled() async throws {
        for (headers, expected) in [
            (["Retry-After": "7"], Duration.seconds(7)), (["retry-after-ms": "1500"], .milliseconds(1500)),
            (["x-ms-retry-after-ms": "20"], .milliseconds(20)), (["retry-after-ms": "99999999999999"], .seconds(300)),
            ([:], nil),
        ] as [([String: String], Duration?)] {
            let body = ScriptedVault.error("Throttled")
            let error = try await error { _ in .json(429, body, headers) }
            #expect(error == .throttled(retryAfter: expected))
        }
    }
}
