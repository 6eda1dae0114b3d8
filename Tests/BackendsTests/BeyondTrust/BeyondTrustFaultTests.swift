import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("BeyondTrust: what goes wrong")
struct BeyondTrustFaultTests {
    private let scene: BeyondTrustScene

    init() throws {
        scene = try BeyondTrustScene()
        try scene.text("main:company.team:KEY", "made up")
    }

    @Test("a session that has ended is replaced, and nothing is written twice")
    func endedSession() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("one".utf8))
        try scene.fake.command("expire-sessions")
        try await backend.write(name("KEY"), Array("two".utf8))
        try scene.fake.advance(seconds: 2000)
        #expect(try await backend.read(name("KEY")) == Array("two".utf8))
        #expect(try scene.count("SignAppIn") == 3)
        #expect(try scene.stored("main:company.team:KEY").count == 1)
    }

    @Test("each request carries the key and all cookies of its session")
    func cookies() async throws {
        let backend = try scene.backend()
        for _ in 0..<3 { #expect(await backend.failure().kind == "none") }
        let requests = try scene.fake.requests().filter { $0.path.contains("title=") }
        #expect(requests.count == 3)
        #expect(requests.allSatisfy { $0.headers["cookie"] != nil && $0.headers["authorization"] == "PS-Auth ***" })
        #expect(try scene.count("SignAppIn") == 1)
    }

    @Test("a refused key is not shown again at once")
    func signIns() async throws {
        let stranger = try scene.backend(login: "api-key: \(scene.key)\nrun-as: stranger")
        for _ in 0..<3 {
            let error = await stranger.failure()
            let words = "\(String(describing: error))"
            #expect(error.kind == "denied" && words.contains("stranger") && !words.contains(scene.key))
        }
        #expect(try scene.count("SignAppIn") == 1)
    }

    @Test("a user whose password the registration demands signs in with it")
    func passwords() async throws {
        try scene.fake.command(
            "user",
            ["key": scene.key, "run_as": "ann", "label": "ann", "password": "made up, a=b&c"]
        )
        let login = "api-key: \(scene.key)\nrun-as: ann"
        #expect(await (try scene.backend(login: login)).failure().kind == "denied")
        #expect(
            await (try scene.backend(login: login + "\nrun-as-password: 'made up, a=b&c'")).failure().kind == "none"
        )
    }

    @Test("a second factor is said to be the reason")
    func secondFactor() async throws {
        try scene.fake.command("second-factor", ["demanded": true])
        let error = await (try scene.backend()).failure()
        #expect(error.kind == "denied" && "\(String(describing: error))".contains("second factor"))
    }

    @Test("a folder that is not there, or not seen, is said at the start")
    func missingFolder() async throws {
        let nowhere = try scene.backend(place: "folder-id: 00000000-0000-0000-0000-00000000ffff")
        let error = await backendError { () throws(BackendError) in try await nowhere.connect() }
        #expect("\(String(describing: error))".contains("is folder-id right?"))
    }

    @Test("two who make one secret at the same time leave one")
    func race() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        // The first look at what there is misses what somebody else has just made.
        try scene.fake.fault("answer", path: "title=", ["status": 200, "body": "[]"])
        try await backend.write(name("KEY"), Array("mine".utf8))
        let stored = try scene.stored("main:company.team:KEY")
        #expect(stored.count == 1 && stored.members["Text"] as? String == "mine")
    }
}
