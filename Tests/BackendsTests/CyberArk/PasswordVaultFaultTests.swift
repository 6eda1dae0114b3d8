import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Privileged Access Manager: what goes wrong")
struct PasswordVaultFaultTests {
    private let scene: CyberArkScene

    init() throws {
        scene = try CyberArkScene(.cyberark, ["balancer": "yes"])
        try put("KEY", "made up")
    }

    private func put(_ key: String, _ secret: String, _ more: [String: Any] = [:]) throws {
        let members: [String: Any] = [
            "name": "main@company.team@\(key)", "secret": secret, "address": "company.team", "user": key,
        ]
        try scene.fake.command("put", members.merging(more) { $1 })
    }

    @Test("a session that has ended is replaced, and nothing is written twice")
    func endedSession() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("one".utf8))
        try scene.fake.command("expire-sessions")
        try await backend.write(name("KEY"), Array("two".utf8))
        try scene.fake.advance(seconds: 2000)
        #expect(try await backend.text(name("KEY")) == "two")
        #expect(try scene.count("Logon") == 3)
        #expect(try scene.fake.command("stored", ["name": "main@company.team@KEY"])["count"] as? Int == 1)
    }

    @Test("agents of one user leave each other's sessions alone, unless they are told not to")
    func concurrentSessions() async throws {
        let (one, two) = (try scene.backend(), try scene.backend())
        for backend in [one, two, one, two] { #expect(await backend.failure() == nil) }
        #expect(try scene.count("Logon") == 2)
        let alone = try scene.backend("concurrent-session: false")
        #expect(await alone.failure() == nil)
        #expect(try scene.fake.command("sessions")["count"] as? Int == 1)
    }

    @Test("each request carries the token as it is, and the balancer's cookie")
    func tokens() async throws {
        let backend = try scene.backend()
        for _ in 0..<3 { #expect(await backend.failure() == nil) }
        let requests = try scene.fake.requests().filter { $0.path.contains("/Accounts") }
        #expect(requests.count == 6)
        #expect(requests.allSatisfy { $0.headers["cookie"] != nil && $0.headers["authorization"] == "***" })
    }

    @Test("a refused password is not shown again at once")
    func logOns() async throws {
        let stranger = try scene.backend(login: "username: stranger\npassword: 'made up too'")
        for _ in 0..<3 {
            let error = await stranger.failure()
            let words = "\(String(describing: error))"
            #expect(error.kind == "denied" && words.contains("stranger") && words.contains("PASWS013E"))
            #expect(!words.contains("made up too"))
        }
        #expect(try scene.count("Logon") == 1)
    }

    @Test("a user of a directory logs on by its own way, and one that is challenged is told apart")
    func methods() async throws {
        try scene.fake.command("user", ["username": "ann", "password": "p", "label": "ann", "method": "LDAP"])
        try scene.fake.command("user", ["username": "bob", "password": "p", "label": "bob", "challenge": true])
        #expect(await (try scene.backend(login: "username: ann\npassword: p")).failure().kind == "denied")
        #expect(await (try scene.backend(login: "username: ann\npassword: p\nauth-type: ldap")).failure() == nil)
        let error = await (try scene.backend(login: "username: bob\npassword: p")).failure()
        #expect(error.kind == "denied" && "\(String(describing: error))".contains("challenge"))
    }

    @Test("what the user may not see is missing, and what it may not retrieve is forbidden")
    func rights() async throws {
        func user(_ name: String, _ more: [String: Any]) throws -> any SecretBackend {
            let members: [String: Any] = ["username": name, "password": "p", "label": name]
            try scene.fake.command("user", members.merging(more) { $1 })
            return try scene.backend(login: "username: \(name)\npassword: p\n" + scene.lines("safe", "platform-id"))
        }
        #expect(await (try user("lister", ["may_retrieve": false])).failure().kind == "forbidden")
        #expect(try await (try user("elsewhere", ["safes": ["Other"]])).text(name("KEY")) == nil)
    }

    @Test("an account that is handed out with a reason only is forbidden without one")
    func reasons() async throws {
        try put("GUARDED", "made up", ["guarded": true])
        let error = await (try scene.backend()).failure("GUARDED")
        #expect(error.kind == "forbidden" && "\(String(describing: error))".contains("a reason"))
        #expect(await (try scene.backend("reason: workflow execution")).failure("GUARDED") == nil)
    }

    @Test("an account that somebody else makes at the same time is changed instead")
    func race() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        // The first look at what there is misses what somebody else has just made.
        try scene.fake.fault("answer", path: "search=", ["status": 200, "body": #"{"value":[]}"#])
        try await backend.write(name("KEY"), Array("mine".utf8))
        let stored = try scene.fake.command("stored", ["name": "main@company.team@KEY"])
        #expect(stored["count"] as? Int == 1 && (stored["members"] as? [String: Any])?["secret"] as? String == "mine")
    }
}
