import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Privileged Access Manager: names, safes and what others wrote")
struct PasswordVaultReadingTests {
    private let scene: CyberArkScene

    init() throws { scene = try CyberArkScene(.cyberark) }

    private func put(_ name: String, _ secret: String, _ more: [String: Any] = [:]) throws {
        let members: [String: Any] = ["name": name, "secret": secret]
        try scene.fake.command("put", members.merging(more) { $1 })
    }

    private func stored(_ name: String) throws -> [String: Any] {
        try scene.fake.command("stored", ["name": name])["members"] as? [String: Any] ?? [:]
    }

    @Test("a new account has tenant, namespace and key in its name, and nobody else manages its value")
    func written() async throws {
        let backend = try scene.backend("tags: {application: tests}")
        try await backend.write(name("db password@1"), Array("q\"\\".utf8))
        let account = try stored("main@company.team@db~20password~401")
        #expect(account["secret"] as? String == "q\"\\")
        #expect(
            account["address"] as? String == "company.team" && account["userName"] as? String == "db~20password~401"
        )
        #expect((account["platformAccountProperties"] as? [String: String]) == ["application": "tests"])
        #expect((account["secretManagement"] as? [String: Any])?["automaticManagementEnabled"] as? Bool == false)
        #expect(backend.place(of: name("A")) == "safe KestraMain: main@company.team@A")
    }

    @Test("a safe of each tenant's own holds only its secrets, also where tenants differ by case only")
    func tenants() async throws {
        for safe in ["T-red", "T-~52ed", "T-a~2Eb"] { try scene.fake.command("safe", ["name": safe]) }
        let login = scene.lines("username", "password", "platform-id") + "\nsafe: 'T-{tenant}'"
        let backend = try scene.backend(login: login)
        try await backend.write(name("KEY", tenant: "red"), [49])
        try await backend.write(name("KEY", tenant: "a.b"), [50])
        #expect(try stored("red@company.team@KEY")["safeName"] as? String == "T-red")
        #expect(try stored("a~2Eb@company.team@KEY").isEmpty && !stored("a.b@company.team@KEY").isEmpty)
        #expect(try await backend.text(name("KEY", tenant: "red")) == "1")
        #expect(try await backend.text(name("KEY", tenant: "Red")) == nil)
        try await backend.write(name("KEY", tenant: "Red"), [51])
        #expect(try stored("Red@company.team@KEY")["safeName"] as? String == "T-~52ed")
        let flat = try scene.backend(login: login, "layout: flat")
        try await flat.write(name("OTHER", tenant: "Red"), [52])
        #expect(try await flat.text(name("OTHER", tenant: "Red")) == "4")
        #expect(try await flat.text(name("OTHER", tenant: "red")) == nil)
        #expect(try await backend.read(name("KEY", tenant: String(repeating: "x", count: 40))) == nil)
    }

    @Test("read as others filled it, an account's name is the key, whatever its safe, and keys for SSH are read, too")
    func foreign() async throws {
        try put("Operating System-Unix & co-10.0.0.1-root", "made up", ["address": "10.0.0.1", "user": "root"])
        try put("ssh", "a key", ["type": "key"])
        try put("other", "elsewhere", ["safe": "Other"])
        let backend = try scene.backend(readOnly: true)
        let key = name("Operating System-Unix & co-10.0.0.1-root", namespace: "thing", tenant: "any")
        #expect(try await backend.text(key) == "made up")
        #expect(try await backend.text(name("ssh")) == "a key")
        #expect(try await backend.text(name("SSH")) == nil)
        #expect(try await backend.text(name("other")) == nil)
        let page = try await backend.list(ListQuery(tenant: "any", namespace: "thing", limit: 10))
        #expect(page.entries.map(\.key) == ["Operating System-Unix & co-10.0.0.1-root", "ssh"])
        let everywhere = try scene.backend(login: scene.lines("username", "password"), readOnly: true)
        #expect(try await everywhere.text(name("other")) == "elsewhere")
        try put("ssh", "another", ["safe": "Other"])
        let error = await everywhere.failure("ssh")
        #expect("\(String(describing: error))".contains("2 accounts are called ssh"))
    }

    @Test("keys of a namespace that are asked for together are looked for with few searches")
    func batch() async throws {
        let backend = try scene.backend()
        for number in 0..<10 { try await backend.write(name("KEY\(number)"), Array("\(number)".utf8)) }
        try scene.fake.clearRequests()
        let found = await withTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask { (try? await backend.read(name("KEY\(number)"))) == Array("\(number)".utf8) ? 1 : 0 }
            }
            return await group.reduce(0, +)
        }
        #expect(found == 10)
        #expect(try scene.count("Accounts?") < 10)
        #expect(try scene.count("/Retrieve") == 10)
    }

    @Test("all pages are read, and a server that does not know a filter shows nothing of other safes")
    func pages() async throws {
        for number in 0..<501 {
            let user = "KEY\(number)"
            try put("main@company.team@\(user)", "x", ["address": "company.team", "user": user])
        }
        let backend = try scene.backend()
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 600))
        #expect(page.entries.count == 501 && !page.hasMore)
        let other = #"{"value":[{"id":"1_1","name":"main@company.team@KEY1","safeName":"Other"}]}"#
        try scene.fake.fault("answer", path: "search=", ["status": 200, "body": other])
        #expect(try await backend.text(name("KEY1")) == nil)
        let hostile = #"{"value":[{"id":"1/../x","name":"main@company.team@KEY1","safeName":"KestraMain"}]}"#
        try scene.fake.fault("answer", path: "search=", ["status": 200, "body": hostile])
        #expect(await backend.failure("KEY1").kind == "malformed")
    }

    @Test("what an account cannot keep is refused before anything is asked")
    func unkeepable() async throws {
        try put("main@company.team@SSH", "x", ["type": "key", "address": "company.team", "user": "SSH"])
        let backend = try scene.backend()
        try await backend.connect()
        func write(_ key: String) async -> String {
            await backendError { () throws(BackendError) in _ = try await backend.write(name(key), [1]) }.kind
        }
        #expect(await write("SSH") == "unsupported")
        #expect(await write(String(repeating: "x", count: 160)) == "unsupported")
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" || $0.path.hasSuffix("Logon") })
        let reader = try scene.backend(login: scene.lines("username", "password"))
        #expect(reader.capabilities == [.list, .namespaces])
        let error = await backendError { () throws(BackendError) in _ = try await reader.delete(name("SSH")) }
        #expect(error == .unsupported(detail: "cyberark: writes need safe and platform-id"))
    }
}
