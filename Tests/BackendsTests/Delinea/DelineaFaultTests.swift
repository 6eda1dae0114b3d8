import ManagerFakes
import ScriptedTime
import Secrets
import Testing

@testable import Backends

@Suite("Delinea: what goes wrong")
struct DelineaFaultTests {
    private let scene: DelineaScene

    init() throws {
        scene = try DelineaScene()
        try scene.put("main:company.team:KEY", ["value": "made up"])
    }

    private func failure(_ backend: any SecretBackend, _ key: String = "KEY") async -> BackendError? {
        do throws(BackendError) {
            _ = try await backend.get(name(key), version: nil) == nil
            return nil
        } catch {
            return error
        }
    }

    private func kind(_ error: BackendError?) -> String {
        switch error {
        case .none: "none"
        case .unavailable: "unavailable"
        case .throttled: "throttled"
        case .denied: "denied"
        case .forbidden: "forbidden"
        case .malformed: "malformed"
        default: "other"
        }
    }

    @Test(
        "each fault has its name",
        arguments: [
            ("cut", [:], "unavailable"), ("drop", [:], "unavailable"), ("wrong-json", [:], "malformed"),
            ("error", ["status": 500], "unavailable"), ("error", ["status": 503, "html": true], "unavailable"),
            ("error", ["status": 400], "malformed"), ("throttle", [:], "throttled"),
            ("answer", ["status": 200, "body": "<html>", "headers": ["Content-Type": "text/html"]], "malformed"),
            ("answer", ["status": 403, "body": "{\"message\":\"Access Denied\"}"], "forbidden"),
            ("huge", ["bytes": 5 << 20], "malformed"), ("redirect", ["location": "http://localhost/x"], "malformed"),
        ] as [(String, [String: any Sendable], String)],
        ["/fields/", "secrets?"]
    )
    func faults(fault: (String, [String: any Sendable], String), path: String) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(fault.0, times: 0, path: path, fault.1)
        #expect(kind(await failure(backend)) == fault.2)
        try scene.fake.clearFaults()
        #expect(kind(await failure(backend)) == "none")
    }

    @Test("the wait that a throttled answer asks for is passed on")
    func retryAfter() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("throttle", path: "/secrets", ["retry_after": 7])
        #expect(await failure(backend) == .throttled(retryAfter: .seconds(7)))
    }

    @Test("an answer that does not come ends with the time-out")
    func slow() async throws {
        let backend = try scene.backend("timeouts: {connect: 1s, first-byte: 300ms, total: 5s}")
        try await backend.connect()
        try scene.fake.fault("hang", path: "/secrets")
        #expect(kind(await failure(backend)) == "unavailable")
    }

    @Test(
        "a server that cannot prove who it is gets no password",
        arguments: ["expired", "wrong-host", "other-authority"]
    )
    func certificates(certificate: String) async throws {
        let scene = try DelineaScene(["certificate": certificate])
        #expect(kind(await failure(try scene.backend())) == "unavailable")
        #expect(try scene.fake.requests().isEmpty)
    }

    @Test("a token that has ended, which is answered with 403, is replaced, and nothing is written twice")
    func endedToken() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("one".utf8))
        try scene.fake.command("expire-tokens")
        try await backend.write(name("KEY"), Array("two".utf8))
        try scene.fake.fault("expired-token", path: "/fields/")
        #expect(try await backend.read(name("KEY")) == Array("two".utf8))
        #expect(try scene.count("/oauth2/token") == 3)
        #expect(try scene.stored("main:company.team:KEY").count == 1)
    }

    @Test("a server that accepts no token ends the call, and is not asked in circles")
    func uselessTokens() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("expired-token", times: 0)
        #expect(kind(await failure(backend)) == "denied")
        #expect(try scene.fake.requests().count == 4)
    }

    @Test("callers that come together log in once, and a refused log-in is not repeated at once")
    func logins() async throws {
        let backend = try scene.backend()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try? await backend.read(name("KEY")) } }
        }
        #expect(try scene.count("/oauth2/token") == 1)
        let stranger = try scene.backend(login: "username: stranger\npassword: made-up-password")
        for _ in 0..<3 {
            let error = await failure(stranger)
            #expect(error == .denied(detail: "Secret Server refused the log-in of stranger (status 400)"))
        }
        #expect(try scene.count("/oauth2/token") == 2)
    }

    @Test("a user of a domain logs in with it")
    func domain() async throws {
        let user = ["username": "ann", "password": "a b&c=d%+\u{e9}", "label": "ann", "domain": "EXAMPLE"]
        try scene.fake.command("user", user)
        let login = "username: ann\npassword: 'a b&c=d%+\u{e9}'"
        #expect(kind(await failure(try scene.backend(login: login + "\ndomain: EXAMPLE"))) == "none")
        #expect(kind(await failure(try scene.backend(login: login))) == "denied")
    }

    @Test("a log-in that is answered with a page says that the address may be wrong")
    func pages() async throws {
        let page: [String: Any] = ["status": 200, "body": "<html>", "headers": ["Content-Type": "text/html"]]
        try scene.fake.fault("answer", path: "/oauth2/token", page)
        let error = await failure(try scene.backend())
        #expect(kind(error) == "malformed" && "\(String(describing: error))".contains("is address right?"))
    }

    @Test("what the user may not see is missing, and what it may not change is forbidden")
    func rights() async throws {
        try scene.fake.command("folder", ["id": 50, "name": "other"])
        let reader: [String: Any] = [
            "username": "reader", "password": "made up", "label": "reader", "may_write": false,
        ]
        try scene.fake.command("user", reader)
        let backend = try scene.backend(login: "username: reader\npassword: made up")
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        for key in ["KEY", "NEW"] {
            do throws(BackendError) {
                _ = try await backend.write(name(key), [1])
                Issue.record("it was written")
            } catch {
                #expect(kind(error) == "forbidden")
            }
        }
        try scene.fake.command("user", reader.merging(["folders": [50]]) { $1 })
        try scene.fake.command("expire-tokens")
        #expect(kind(await failure(backend)) == "none")
        #expect(try await backend.read(name("KEY")) == nil)
        let nowhere = try scene.backend(place: "folder-id: 77\nsecret-template-id: 6007")
        await #expect(throws: BackendError.self) { try await nowhere.connect() }
    }

    @Test("what is deleted between two requests is missing, and not forbidden")
    func deletedInBetween() async throws {
        let backend = try scene.backend()
        let denied: [String: Any] = ["status": 403, "body": "{\"errorCode\":\"API_AccessDenied\"}"]
        try scene.fake.fault("answer", path: "/fields/", denied)
        #expect(kind(await failure(backend)) == "forbidden")
        try scene.fake.fault("answer", path: "/fields/", denied)
        // The second search finds nothing any more.
        try scene.fake.fault("answer", path: "secrets?", ["status": 200, "skip": 1, "body": "{\"records\":[]}"])
        #expect(try await backend.read(name("KEY")) == nil)
    }

    @Test("two who make one secret at the same time leave one")
    func race() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        // The first look at what there is misses what somebody else has just made.
        try scene.fake.fault("answer", path: "secrets?", ["status": 200, "body": "{\"records\":[]}"])
        try await backend.write(name("KEY"), Array("mine".utf8))
        let stored = try scene.stored("main:company.team:KEY")
        #expect(stored.count == 1 && stored.fields["value"] == "mine")
    }

    @Test("the session is ended with the backend")
    func farewell() async throws {
        let backend = try scene.backend()
        #expect(kind(await failure(backend)) == "none")
        await backend.close()
        #expect(try scene.fake.command("sessions")["count"] as? Int == 0)
    }

    @Test("a token is replaced ahead of its end, with no read refused")
    func renewal() async throws {
        let time = ScriptedTime(.waits)
        try scene.fake.command("tokens", ["lifetime": 600])
        let backend = try scene.backend(time: time.source)
        try await backend.connect()
        for _ in 0..<20 {
            let (before, sleepers) = (time.slept.count, time.sleeperCount)
            // There first: what is renewed here must not be granted from a moment that is already over.
            try scene.fake.advance(seconds: 100)
            time.advance(by: .seconds(100))
            // Who was woken renews, and sleeps again.
            if time.sleeperCount < sleepers {
                while time.slept.count == before, !Task.isCancelled { try await Task.sleep(for: .milliseconds(1)) }
            }
            #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        }
        let logins = try scene.count("/oauth2/token")
        #expect(logins >= 4 && logins <= 6, "\(logins)")
        #expect(try scene.fake.requests().allSatisfy { $0.status == 200 })
    }

    @Test("no answer's body and no credential gets into what is said of a failure")
    func nothingLeaks() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        for fault in ["wrong-json", "error", "cut"] {
            try scene.fake.fault(fault, path: "/fields/")
            let words = String(describing: await failure(backend))
            #expect(!words.contains(scene.fake.details["password"] ?? "?"))
            #expect(!words.contains("made up") && !words.contains("{\"") && !words.contains("made.up"))
        }
    }
}
