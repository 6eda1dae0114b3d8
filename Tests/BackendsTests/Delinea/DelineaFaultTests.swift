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

    @Test("a refused log-in is not repeated at once")
    func logins() async throws {
        let stranger = try scene.backend(login: "username: stranger\npassword: made-up-password")
        for _ in 0..<3 {
            let error = await stranger.failure()
            #expect(error == .denied(detail: "Secret Server refused the log-in of stranger (status 400)"))
        }
        #expect(try scene.count("/oauth2/token") == 1)
    }

    @Test("a user of a domain logs in with it")
    func domain() async throws {
        let user = ["username": "ann", "password": "a b&c=d%+\u{e9}", "label": "ann", "domain": "EXAMPLE"]
        try scene.fake.command("user", user)
        let login = "username: ann\npassword: 'a b&c=d%+\u{e9}'"
        #expect(await (try scene.backend(login: login + "\ndomain: EXAMPLE")).failure().kind == "none")
        #expect(await (try scene.backend(login: login)).failure().kind == "denied")
    }

    @Test("a log-in that is answered with a page says that the address may be wrong")
    func pages() async throws {
        let page: [String: Any] = ["status": 200, "body": "<html>", "headers": ["Content-Type": "text/html"]]
        try scene.fake.fault("answer", path: "/oauth2/token", page)
        let error = await (try scene.backend()).failure()
        #expect(error.kind == "malformed" && "\(String(describing: error))".contains("is address right?"))
    }

    @Test("what the user may not see any more is missing, and a folder that it may not see is said at the start")
    func rights() async throws {
        try scene.fake.command("folder", ["id": 50, "name": "other"])
        let reader: [String: Any] = [
            "username": "reader", "password": "made up", "label": "reader", "may_write": false,
        ]
        try scene.fake.command("user", reader)
        let backend = try scene.backend(login: "username: reader\npassword: made up")
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        try scene.fake.command("user", reader.merging(["folders": [50]]) { $1 })
        try scene.fake.command("expire-tokens")
        #expect(await backend.failure().kind == "none")
        #expect(try await backend.read(name("KEY")) == nil)
        let nowhere = try scene.backend(place: "folder-id: 77\nsecret-template-id: 6007")
        await #expect(throws: BackendError.self) { try await nowhere.connect() }
    }

    @Test("what is deleted between two requests is missing, and not forbidden")
    func deletedInBetween() async throws {
        let backend = try scene.backend()
        let denied: [String: Any] = ["status": 403, "body": "{\"errorCode\":\"API_AccessDenied\"}"]
        try scene.fake.fault("answer", path: "/fields/", denied)
        #expect(await backend.failure().kind == "forbidden")
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

    @Test("a token is replaced ahead of its end, with no read refused")
    func renewal() async throws {
        let time = ScriptedTime(.waits)
        try scene.fake.command("tokens", ["lifetime": 600])
        let backend = try scene.backend(time: time.source)
        try await backend.connect()
        for _ in 0..<20 {
            // There first: what is renewed here must not be granted from a moment that is already over.
            try scene.fake.advance(seconds: 100)
            try await time.advanceAndSettle(by: .seconds(100))
            #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        }
        let logins = try scene.count("/oauth2/token")
        #expect(logins >= 4 && logins <= 6, "\(logins)")
        #expect(try scene.fake.requests().allSatisfy { $0.status == 200 })
    }
}
