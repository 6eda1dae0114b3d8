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

    @Test(
        "each fault has its name",
        arguments: ["Accounts?", "/Retrieve"],
        [
            ("cut", [:], "unavailable"), ("drop", [:], "unavailable"), ("wrong-json", [:], "malformed"),
            ("error", ["status": 500], "unavailable"), ("error", ["status": 503, "html": true], "unavailable"),
            ("error", ["status": 403], "forbidden"), ("error", ["status": 409], "conflict"),
            ("error", ["status": 404, "html": true], "malformed"), ("throttle", [:], "throttled"),
            ("answer", ["status": 200, "body": "<html>", "headers": ["Content-Type": "text/html"]], "malformed"),
            ("answer", ["status": 200, "body": "{}"], "malformed"), ("huge", ["bytes": 5 << 20], "malformed"),
            ("redirect", ["location": "http://localhost/x"], "malformed"),
        ] as [(String, [String: any Sendable], String)]
    )
    func faults(path: String, fault: (kind: String, more: [String: any Sendable], expected: String)) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(fault.kind, times: 0, path: path, fault.more)
        #expect(await scene.failure(backend).kind == fault.expected)
        try scene.fake.clearFaults()
        #expect(await scene.failure(backend) == nil)
    }

    @Test("the wait that a throttled answer asks for is passed on")
    func retryAfter() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("throttle", path: "Accounts?", ["retry_after": 7])
        #expect(await scene.failure(backend) == .throttled(retryAfter: .seconds(7)))
    }

    @Test("an answer that does not come ends with the time-out")
    func slow() async throws {
        let backend = try scene.backend("timeouts: {connect: 1s, first-byte: 300ms, total: 5s}")
        try await backend.connect()
        try scene.fake.fault("hang", path: "Accounts?")
        #expect(await scene.failure(backend).kind == "unavailable")
    }

    @Test(
        "a server that cannot prove who it is gets no password",
        arguments: ["expired", "wrong-host", "other-authority"]
    )
    func certificates(certificate: String) async throws {
        let scene = try CyberArkScene(.cyberark, ["certificate": certificate])
        #expect(await scene.failure(try scene.backend()).kind == "unavailable")
        #expect(try scene.fake.requests().isEmpty)
    }

    @Test("a session that has ended is replaced, and nothing is written twice")
    func endedSession() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("one".utf8))
        try scene.fake.command("expire-sessions")
        try await backend.write(name("KEY"), Array("two".utf8))
        try scene.fake.advance(seconds: 2000)
        #expect(try await scene.text(backend, name("KEY")) == "two")
        #expect(try scene.count("Logon") == 3)
        #expect(try scene.fake.command("stored", ["name": "main@company.team@KEY"])["count"] as? Int == 1)
    }

    @Test("agents of one user leave each other's sessions alone, unless they are told not to")
    func concurrentSessions() async throws {
        let (one, two) = (try scene.backend(), try scene.backend())
        for backend in [one, two, one, two] { #expect(await scene.failure(backend) == nil) }
        #expect(try scene.count("Logon") == 2)
        let alone = try scene.backend("concurrent-session: false")
        #expect(await scene.failure(alone) == nil)
        #expect(try scene.fake.command("sessions")["count"] as? Int == 1)
    }

    @Test("each request carries the token as it is, and the balancer's cookie")
    func tokens() async throws {
        let backend = try scene.backend()
        for _ in 0..<3 { #expect(await scene.failure(backend) == nil) }
        let requests = try scene.fake.requests().filter { $0.path.contains("/Accounts") }
        #expect(requests.count == 6)
        #expect(requests.allSatisfy { $0.headers["cookie"] != nil && $0.headers["authorization"] == "***" })
    }

    @Test("a server that accepts no session ends the call, and is not asked in circles")
    func uselessSessions() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("expired-token", times: 0)
        #expect(await scene.failure(backend).kind == "denied")
        #expect(try scene.fake.requests().count == 4)
    }

    @Test("callers that come together log on once, and a refused password is not shown again at once")
    func logOns() async throws {
        let backend = try scene.backend()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try? await backend.read(name("KEY")) } }
        }
        #expect(try scene.count("Logon") == 1)
        let stranger = try scene.backend(login: "username: stranger\npassword: 'made up too'")
        for _ in 0..<3 {
            let error = await scene.failure(stranger)
            let words = "\(String(describing: error))"
            #expect(error.kind == "denied" && words.contains("stranger") && words.contains("PASWS013E"))
            #expect(!words.contains("made up too"))
        }
        #expect(try scene.count("Logon") == 2)
    }

    @Test("a user of a directory logs on by its own way, and one that is challenged is told apart")
    func methods() async throws {
        try scene.fake.command("user", ["username": "ann", "password": "p", "label": "ann", "method": "LDAP"])
        try scene.fake.command("user", ["username": "bob", "password": "p", "label": "bob", "challenge": true])
        #expect(await scene.failure(try scene.backend(login: "username: ann\npassword: p")).kind == "denied")
        #expect(await scene.failure(try scene.backend(login: "username: ann\npassword: p\nauth-type: ldap")) == nil)
        let error = await scene.failure(try scene.backend(login: "username: bob\npassword: p"))
        #expect(error.kind == "denied" && "\(String(describing: error))".contains("challenge"))
    }

    @Test("what the user may not see is missing, and what it may not do is forbidden")
    func rights() async throws {
        func user(_ name: String, _ more: [String: Any]) throws -> any SecretBackend {
            let members: [String: Any] = ["username": name, "password": "p", "label": name]
            try scene.fake.command("user", members.merging(more) { $1 })
            return try scene.backend(login: "username: \(name)\npassword: p\n" + scene.lines("safe", "platform-id"))
        }
        let reader = try user("reader", ["may_write": false])
        #expect(try await scene.text(reader, name("KEY")) == "made up")
        for key in ["KEY", "NEW"] {
            let error = await scene.failure { () throws(BackendError) in _ = try await reader.write(name(key), [49]) }
            #expect(error.kind == "forbidden")
        }
        #expect(await scene.failure(try user("lister", ["may_retrieve": false])).kind == "forbidden")
        #expect(try await scene.text(try user("elsewhere", ["safes": ["Other"]]), name("KEY")) == nil)
    }

    @Test("an account that is handed out with a reason only is forbidden without one")
    func reasons() async throws {
        try put("GUARDED", "made up", ["guarded": true])
        let error = await scene.failure(try scene.backend(), "GUARDED")
        #expect(error.kind == "forbidden" && "\(String(describing: error))".contains("a reason"))
        #expect(await scene.failure(try scene.backend("reason: workflow execution"), "GUARDED") == nil)
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

    @Test("the session is ended with the backend")
    func farewell() async throws {
        let backend = try scene.backend()
        #expect(await scene.failure(backend) == nil)
        await backend.close()
        #expect(try scene.fake.command("sessions")["count"] as? Int == 0)
    }

    @Test("no answer's body and no credential gets into what is said of a failure")
    func nothingLeaks() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        for fault in ["wrong-json", "error", "cut"] {
            try scene.fake.fault(fault, path: "/Retrieve")
            let words = String(describing: await scene.failure(backend))
            #expect(!words.contains(scene.detail("password")) && !words.contains("made up") && !words.contains("{\""))
        }
    }
}
