import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Google Secret Manager: what goes wrong")
struct GoogleFaultTests {
    private let scene: GoogleScene

    init() throws {
        scene = try GoogleScene()
        try scene.put("kestra_tmain_ncompany_dteam_nKEY", "made up")
    }

    /// What a page says that comes in a token's place does not matter, as long as it holds a token; an answer with an unknown
    /// status is a refusal.
    private static let loginFaults =
        Fault.common + [
            Fault("error", ["status": 502, "html": true], "unavailable"),
            Fault("error", ["status": 503], "unavailable"), Fault("error", ["status": 504], "unavailable"),
            Fault("error", ["status": 418], "denied"),
        ]

    @Test("each fault of a log-in has its name, and is over when it is over", arguments: loginFaults)
    func loggingIn(fault: Fault) async throws {
        let backend = try scene.backend()
        try scene.fake.fault(fault.name, times: 0, path: "/token", fault.more)
        #expect(await backend.failure().kind == fault.expected)
        #expect(try scene.fake.requests().allSatisfy { !$0.path.contains(":access") })
        // One that was refused is not repeated at once.
        guard fault.expected != "denied" else { return }
        try scene.fake.clearFaults()
        #expect(await backend.failure().kind == "none")
    }

    @Test(
        "the wait that is asked for is passed on, whatever number stands there",
        arguments: [("7", 7), ("0.5", 0), ("1e300", 300), ("inf", 300), ("301", 300), ("99999999999999999999", 300)]
    )
    func retryAfter(text: String, seconds: Int) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(
            "answer",
            path: ":access",
            ["status": 429, "body": #"{"error":{"status":"RESOURCE_EXHAUSTED"}}"#, "headers": ["Retry-After": text]]
        )
        guard case .throttled(let wait) = await backend.failure(), let wait else {
            Issue.record("no wait was passed on")
            return
        }
        #expect(wait.components.seconds == seconds)
    }

    @Test("without a wait none is made up", arguments: ["-1", "nan", "soon", ""])
    func noRetryAfter(text: String) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(
            "answer",
            path: ":access",
            ["status": 429, "body": "{}", "headers": text.isEmpty ? [:] : ["Retry-After": text]]
        )
        #expect(await backend.failure() == .throttled(retryAfter: nil))
    }

    @Test("an answer that is slow comes")
    func slow() async throws {
        let backend = try scene.backend("timeouts: {connect: 1s, first-byte: 500ms, total: 5s}")
        try await backend.connect()
        try scene.fake.fault("slow", path: ":access", ["seconds": 0.1])
        #expect(await backend.failure() == nil)
    }

    @Test("a caller that gives up ends the request")
    func cancelled() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault("hang", path: ":access")
        let task = Task { await backend.failure() }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(await task.value.kind == "unavailable")
    }

    @Test("a token that ended is replaced, and a log-in that is refused is not repeated at once")
    func credentials() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault("expired-token", path: ":access")
        #expect(await backend.failure().kind == "none")
        try scene.fake.command("expire-tokens")
        try scene.fake.fault("refuse-login", times: 0)
        try scene.fake.clearRequests()
        for _ in 0..<5 { #expect(await backend.failure().kind == "denied") }
        #expect(try scene.fake.requests().filter { $0.path == "/token" }.count == 1)
    }

    @Test("a value that was damaged on the way is not delivered")
    func corrupt() async throws {
        let backend = try scene.backend()
        try scene.fake.command("corrupt", ["times": 1])
        guard case .unavailable(let detail, _) = await backend.failure() else {
            Issue.record("it was delivered")
            return
        }
        #expect(detail.contains("checksum") && !detail.contains("made up"))
        #expect(await backend.failure().kind == "none")
    }

    @Test(
        "a write that fails at any of its steps leaves the value before it",
        arguments: ["GET", "PATCH", ":addVersion"]
    )
    func writing(step: String) async throws {
        let backend = try scene.backend("tags: {application: kestra-production}")
        try await backend.connect()
        let isVerb = step.hasPrefix(":")
        try scene.fake.fault("error", path: isVerb ? step : "nKEY", ["status": 503, "method": isVerb ? "" : step])
        let error = await backendError { () throws(BackendError) in try await backend.write(name("KEY"), [1]) }
        #expect(error.kind == "unavailable")
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        #expect(try await backend.write(name("KEY"), [1]) == "2")
        #expect(try await backend.read(name("KEY")) == [1])
    }

    @Test("a secret that was made and got no value is none, and gets one with the next write")
    func halfWritten() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("error", path: ":addVersion", ["status": 503])
        let error = await backendError { () throws(BackendError) in try await backend.write(name("NEW"), [1]) }
        #expect(error.kind == "unavailable")
        #expect(try await backend.read(name("NEW")) == nil)
        #expect(try await backend.write(name("NEW"), [1]) == "1")
    }
}
