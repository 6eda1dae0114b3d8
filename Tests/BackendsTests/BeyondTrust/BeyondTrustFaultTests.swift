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

    private func failure(_ backend: any SecretBackend) async -> BackendError? {
        do throws(BackendError) {
            _ = try await backend.get(name("KEY"), version: nil) == nil
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
            ("error", ["status": 400], "malformed"), ("error", ["status": 403], "forbidden"),
            ("answer", ["status": 200, "body": "<html>", "headers": ["Content-Type": "text/html"]], "malformed"),
            ("answer", ["status": 200, "body": "{}"], "malformed"), ("throttle", [:], "throttled"),
            ("huge", ["bytes": 5 << 20], "malformed"), ("redirect", ["location": "http://localhost/x"], "malformed"),
        ] as [(String, [String: any Sendable], String)]
    )
    func faults(fault: String, more: [String: any Sendable], expected: String) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(fault, times: 0, path: "title=", more)
        #expect(kind(await failure(backend)) == expected)
        try scene.fake.clearFaults()
        #expect(kind(await failure(backend)) == "none")
    }

    @Test("the wait that a throttled answer asks for is passed on")
    func retryAfter() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("throttle", path: "title=", ["retry_after": 7])
        #expect(await failure(backend) == .throttled(retryAfter: .seconds(7)))
    }

    @Test("an answer that does not come ends with the time-out")
    func slow() async throws {
        let backend = try scene.backend("timeouts: {connect: 1s, first-byte: 300ms, total: 5s}")
        try await backend.connect()
        try scene.fake.fault("hang", path: "title=")
        #expect(kind(await failure(backend)) == "unavailable")
    }

    @Test("a server that cannot prove who it is gets no key", arguments: ["expired", "wrong-host", "other-authority"])
    func certificates(certificate: String) async throws {
        let scene = try BeyondTrustScene(["certificate": certificate])
        #expect(kind(await failure(try scene.backend())) == "unavailable")
        #expect(try scene.fake.requests().isEmpty)
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
        for _ in 0..<3 { #expect(kind(await failure(backend)) == "none") }
        let requests = try scene.fake.requests().filter { $0.path.contains("title=") }
        #expect(requests.count == 3)
        #expect(requests.allSatisfy { $0.headers["cookie"] != nil && $0.headers["authorization"] == "PS-Auth ***" })
        #expect(try scene.count("SignAppIn") == 1)
    }

    @Test("a server that accepts no session ends the call, and is not asked in circles")
    func uselessSessions() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("expired-token", times: 0)
        #expect(kind(await failure(backend)) == "denied")
        #expect(try scene.fake.requests().count == 4)
    }

    @Test("callers that come together sign in once, and a refused key is not shown again at once")
    func signIns() async throws {
        let backend = try scene.backend()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try? await backend.read(name("KEY")) } }
        }
        #expect(try scene.count("SignAppIn") == 1)
        let stranger = try scene.backend(login: "api-key: \(scene.key)\nrun-as: stranger")
        for _ in 0..<3 {
            let error = await failure(stranger)
            let words = "\(String(describing: error))"
            #expect(kind(error) == "denied" && words.contains("stranger") && !words.contains(scene.key))
        }
        #expect(try scene.count("SignAppIn") == 2)
    }

    @Test("a user whose password the registration demands signs in with it")
    func passwords() async throws {
        try scene.fake.command(
            "user",
            ["key": scene.key, "run_as": "ann", "label": "ann", "password": "made up, a=b&c"]
        )
        let login = "api-key: \(scene.key)\nrun-as: ann"
        #expect(kind(await failure(try scene.backend(login: login))) == "denied")
        #expect(kind(await failure(try scene.backend(login: login + "\nrun-as-password: 'made up, a=b&c'"))) == "none")
    }

    @Test("a second factor is said to be the reason")
    func secondFactor() async throws {
        try scene.fake.command("second-factor", ["demanded": true])
        let error = await failure(try scene.backend())
        #expect(kind(error) == "denied" && "\(String(describing: error))".contains("second factor"))
    }

    @Test("what the user may not see is missing, and what it may not change is forbidden")
    func rights() async throws {
        let reader: [String: Any] = ["key": scene.key, "run_as": "reader", "label": "reader", "may_write": false]
        try scene.fake.command("user", reader)
        let backend = try scene.backend(login: "api-key: \(scene.key)\nrun-as: reader")
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        for key in ["KEY", "NEW"] {
            do throws(BackendError) {
                _ = try await backend.write(name(key), [49])
                Issue.record("it was written")
            } catch {
                #expect(kind(error) == "forbidden")
            }
        }
        let nowhere = try scene.backend(place: "folder-id: 00000000-0000-0000-0000-00000000ffff")
        do throws(BackendError) {
            try await nowhere.connect()
            Issue.record("it connected")
        } catch {
            #expect("\(error)".contains("is folder-id right?"))
        }
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

    @Test("the session is ended with the backend")
    func farewell() async throws {
        let backend = try scene.backend()
        #expect(kind(await failure(backend)) == "none")
        await backend.close()
        #expect(try scene.fake.command("sessions")["count"] as? Int == 0)
    }

    @Test("no answer's body and no credential gets into what is said of a failure")
    func nothingLeaks() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        for fault in ["wrong-json", "error", "cut"] {
            try scene.fake.fault(fault, path: "title=")
            let words = String(describing: await failure(backend))
            #expect(!words.contains(scene.key) && !words.contains("made up") && !words.contains("{\""))
        }
    }
}
