import Foundation
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Conjur: tokens, batches, policy, and what goes wrong")
struct ConjurBehaviourTests {
    private let scene: CyberArkScene

    init() throws {
        scene = try CyberArkScene(.conjur)
        try put("KEY", "made up")
    }

    private func put(_ key: String, _ value: String) throws {
        try scene.fake.command("put", ["id": "kestra/main/company.team/\(key)", "value": value])
    }

    private func versions(_ id: String) throws -> Int {
        try scene.fake.command("stored", ["id": id])["versions"] as? Int ?? 0
    }

    // MARK: Faults

    @Test("lists that are none are malformed", arguments: ["wrong-json", "answer"])
    func wrongLists(fault: String) async throws {
        let backend = try scene.backend()
        try scene.fake.fault(fault, path: "/resources", ["body": "{}"])
        #expect(await backendError { () throws(BackendError) in try await backend.connect() }.kind == "malformed")
    }

    // MARK: Tokens

    @Test("a token that has ended is replaced, one that accepts nothing ends the call, and a wrong key is shown once")
    func tokens() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("one".utf8))
        try scene.fake.command("expire-tokens")
        try await backend.write(name("KEY"), Array("two".utf8))
        #expect(try scene.count("/authenticate") == 2)
        #expect(try versions("kestra/main/company.team/KEY") == 3)
        try scene.fake.fault("expired-token", times: 0)
        #expect(await backend.failure().kind == "denied")
        try scene.fake.clearFaults()
        try scene.fake.clearRequests()
        let login = scene.lines("account", "username", "policy-path") + "\napi-key: wrong"
        let stranger = try scene.backend(login: login)
        for _ in 0..<3 { #expect(await stranger.failure().kind == "denied") }
        #expect(try scene.fake.requests().count == 1)
    }

    @Test("a token is renewed ahead of its end")
    func renewal() async throws {
        try scene.fake.command("tokens", ["lifetime": 1])
        let backend = try scene.backend()
        try await backend.connect()
        let end = ContinuousClock.now + .seconds(10)
        while try scene.count("/authenticate") < 3, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(try scene.count("/authenticate") >= 3)
        #expect(await backend.failure() == nil)
        await backend.close()
    }

    @Test("a user's password is exchanged for a key once, and again when the key was replaced")
    func passwords() async throws {
        try scene.fake.command("role", ["login": "alice@devops", "label": "alice", "password": "made up, a:b=c"])
        let login = scene.lines("account", "policy-path") + "\nusername: alice@devops\npassword: 'made up, a:b=c'"
        let backend = try scene.backend(login: login)
        #expect(await backend.failure() == nil)
        try scene.fake.command("expire-tokens")
        #expect(await backend.failure() == nil)
        #expect(try scene.count("/login") == 1 && scene.count("/authenticate") == 2)
        try scene.fake.command("rotate", ["login": "alice@devops"])
        try scene.fake.command("expire-tokens")
        #expect(await backend.failure().kind == "denied")
        try await Task.sleep(for: .milliseconds(1050))
        #expect(await backend.failure() == nil)
        #expect(try scene.count("/login") == 2)
    }

    @Test("directories and tokens of others are accepted, and a host's password is its key")
    func authenticators() async throws {
        let place = scene.lines("account", "policy-path") + "\n"
        let host = "username: host/kestra/agent\npassword: \(scene.detail("api-key"))"
        #expect(await (try scene.backend(login: place + host)).failure() == nil)
        #expect(try scene.count("/login") == 0)
        let ldap = ["login": "bob", "label": "bob", "password": "p", "authenticator": "authn-ldap/corporate"]
        try scene.fake.command("role", ldap)
        let bob = "username: bob\npassword: p\nauthenticator: authn-ldap/corporate"
        #expect(await (try scene.backend(login: place + bob)).failure() == nil)
        try scene.fake.command("role", ["login": "host/pod", "label": "pod", "authenticator": "authn-jwt/cluster"])
        try scene.fake.command("jwts", ["login": "host/pod", "accepted": ["a.made-up+token/"]])
        let directory = try TemporaryDirectory()
        let file = directory.file("token")
        try Data("a.made-up+token/\n".utf8).write(to: URL(fileURLWithPath: file))
        let pod = place + "authenticator: authn-jwt/cluster\njwt-path: '\(file)'"
        #expect(await (try scene.backend(login: pod)).failure() == nil)
        let nowhere = try scene.backend(login: place + "authenticator: authn-jwt/cluster\njwt-path: /nonexistent/x")
        let error = await nowhere.failure()
        #expect(error.kind == "denied" && "\(String(describing: error))".contains("/nonexistent/x"))
    }

    // MARK: Reading

    private func readAll(_ backend: any SecretBackend, _ keys: [String]) async -> [String: [UInt8]] {
        await withTaskGroup(of: (String, [UInt8]?).self) { group in
            for key in keys { group.addTask { (key, try? await backend.read(name(key))) } }
            return await group.reduce(into: [:]) { found, each in found[each.0] = each.1 }
        }
    }

    @Test("what is asked for together is read together, whatever its bytes")
    func batch() async throws {
        let bytes = (0...255).map { UInt8($0) }
        let id = "kestra/main/company.team/BYTES"
        try scene.fake.command("put", ["id": id, "base64": Data(bytes).base64EncodedString()])
        for number in 0..<10 { try put("KEY\(number)", "value \(number)") }
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.clearRequests()
        try scene.fake.fault("slow", path: "/secrets", ["seconds": 0.3])
        let found = await readAll(backend, (0..<10).map { "KEY\($0)" } + ["BYTES"])
        #expect(found["BYTES"] == bytes && found.count == 11)
        #expect((0..<10).allSatisfy { found["KEY\($0)"] == Array("value \($0)".utf8) })
        #expect(try scene.fake.requests().count < 11 && scene.count("variable_ids=") >= 1)
    }

    @Test("one that is missing or may not be read does not spoil the others, and costs no more requests than they are")
    func spoiltBatch() async throws {
        for number in 0..<5 { try put("KEY\(number)", "value \(number)") }
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.clearRequests()
        try scene.fake.fault("slow", path: "/secrets", ["seconds": 0.3])
        let found = await readAll(backend, (0..<10).map { "KEY\($0)" })
        #expect(Set(found.keys) == Set((0..<5).map { "KEY\($0)" }))
        #expect(try scene.fake.requests().count <= 10)
        #expect(try scene.count("variable_ids=") >= 1)
    }

    @Test("older versions are read by their numbers, and a listing says the newest")
    func versions() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("two".utf8))
        var bytes: [UInt8] = []
        if let old = try await backend.get(name("KEY"), version: "1") {
            for index in 0..<old.value.count { bytes.append(old.value.bytes[index]) }
        }
        #expect(bytes == Array("made up".utf8))
        let isMissing = try await backend.get(name("KEY"), version: "7") == nil
        #expect(isMissing)
        try scene.fake.fault("answer", path: "version=", ["body": "<html>", "headers": ["Content-Type": "text/html"]])
        let page = await backendError { () throws(BackendError) in
            _ = try await backend.get(name("KEY"), version: "1") == nil
        }
        #expect(page.kind == "malformed")
        let listed = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 10))
        #expect(listed.entries.map(\.version) == ["2"])
    }

    @Test("what the role may not see is missing, and what it may not do is forbidden")
    func rights() async throws {
        func role(_ login: String, _ more: [String: Any]) throws -> any SecretBackend {
            let members: [String: Any] = ["login": login, "label": login, "password": "p"]
            try scene.fake.command("role", members.merging(more) { $1 })
            return try scene.backend(login: scene.lines("account", "policy-path") + "\nusername: \(login)\npassword: p")
        }
        let reader = try role("reader", ["may_write": false])
        #expect(try await reader.text(name("KEY")) == "made up")
        let error = await backendError { () throws(BackendError) in _ = try await reader.write(name("KEY"), [49]) }
        #expect(error.kind == "forbidden")
        #expect(await (try role("blind", ["may_read": false])).failure().kind == "forbidden")
        #expect(try await (try role("elsewhere", ["sees": ["other/"]])).text(name("KEY")) == nil)
    }

    @Test("read as others filled it, a path below the branch is the key")
    func foreign() async throws {
        try scene.fake.command("put", ["id": "apps/db/password", "value": "made up", "annotations": ["a": "b"]])
        let login = scene.lines("account", "username", "api-key")
        let backend = try scene.backend(login: login + "\npolicy-path: apps", readOnly: true)
        #expect(try await backend.text(name("db/password", namespace: "thing", tenant: "any")) == "made up")
        let page = try await backend.list(ListQuery(tenant: "any", namespace: "thing", limit: 10))
        #expect(page.entries.map(\.key) == ["db/password"] && page.entries.first?.tags == ["a": "b"])
        try scene.fake.command("put", ["id": "apps/a,acme:variable:apps/db/password", "value": "with a comma"])
        #expect(try await backend.text(name("a,acme:variable:apps/db/password")) == "with a comma")
        let root = try scene.backend(login: login, readOnly: true)
        #expect(try await root.text(name("apps/db/password")) == "made up")
    }

    // MARK: Policy

    @Test("without policy a value is written where a variable is, and nothing is made or deleted")
    func values() async throws {
        let backend = try scene.backend(login: scene.lines("account", "username", "api-key", "policy-path"))
        try await backend.write(name("KEY"), Array("two".utf8))
        #expect(try await backend.text(name("KEY")) == "two")
        let made = await backendError { () throws(BackendError) in _ = try await backend.write(name("NEW"), [49]) }
        let deleted = await backendError { () throws(BackendError) in _ = try await backend.delete(name("KEY")) }
        for error in [made, deleted] {
            #expect(error.kind == "unsupported" && "\(String(describing: error))".contains("manage-policy"))
        }
    }

    @Test("a piece of policy waits for another one, and gives up in the end")
    func busyPolicy() async throws {
        let backend = try scene.backend()
        try scene.fake.command("busy", ["times": 2])
        try await backend.write(name("NEW"), Array("1".utf8))
        #expect(try await backend.text(name("NEW")) == "1")
        try scene.fake.command("busy", ["times": 100])
        let error = await backendError { () throws(BackendError) in _ = try await backend.write(name("NEWER"), [49]) }
        #expect(error == .conflict)
    }

    @Test("no name and no annotation is read as more policy")
    func injection() async throws {
        try put("VICTIM", "made up")
        let flat = try scene.backend("layout: flat")
        let key = "x\"\n- !delete\n  record: !variable main/company.team/VICTIM\n- !variable \"y"
        let error = await backendError { () throws(BackendError) in _ = try await flat.write(name(key), [49]) }
        #expect(error.kind == "unsupported")
        let backend = try scene.backend()
        try await backend.write(name(key), Array("1".utf8))
        #expect(try await backend.text(name(key)) == "1")
        let tags = ["a\"\n- !delete x": "b\": \"c\n- !delete\n  record: !variable main/company.team/VICTIM"]
        let value = try SecretBytes(copying: "1".utf8Span.span)
        _ = try await backend.put(SecretWrite(name: name("TAGGED"), tags: tags), value: value)
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 10))
        #expect(page.entries.first { $0.key == "TAGGED" }?.tags == tags)
        #expect(try await backend.text(name("VICTIM")) == "made up")
    }

    @Test("a name never leads out of its place")
    func places() async throws {
        let backend = try scene.backend("layout: flat")
        for key in ["../main/company.team/KEY", "a//b", ".", "a/../b", "/a"] {
            #expect(try await backend.read(name(key)) == nil)
        }
        #expect(try scene.fake.requests().isEmpty)
        let scoped = try scene.backend()
        #expect(try await scoped.read(name("..")) == nil)
        #expect(try await scoped.read(name("KEY", namespace: "")) == nil)
    }
}
