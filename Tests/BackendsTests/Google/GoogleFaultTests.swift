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

    private func failure(_ backend: any SecretBackend) async -> BackendError? {
        await backendError { () throws(BackendError) in try await backend.read(name("KEY")) }
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

    private static let faults =
        [
            ("cut", [:], "unavailable"), ("drop", [:], "unavailable"), ("wrong-json", [:], "malformed"),
            ("error", ["status": 500], "unavailable"), ("error", ["status": 502, "html": true], "unavailable"),
            ("error", ["status": 503], "unavailable"), ("error", ["status": 504], "unavailable"),
            ("error", ["status": 418], "malformed"), ("throttle", [:], "throttled"),
            ("huge", ["bytes": 5 << 20], "malformed"), ("content-type", [:], "malformed"),
            ("redirect", ["location": "http://localhost/v1/x"], "malformed"),
        ] as [(String, [String: any Sendable], String)]

    @Test("each fault of a read has its name, and is over when it is over", arguments: faults)
    func reading(fault: String, more: [String: any Sendable], expected: String) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(fault, times: 0, path: ":access", more)
        #expect(kind(await failure(backend)) == expected)
        try scene.fake.clearFaults()
        #expect(kind(await failure(backend)) == "none")
    }

    @Test("each fault of a log-in has its name, and is over when it is over", arguments: faults)
    func loggingIn(fault: String, more: [String: any Sendable], expected: String) async throws {
        // What a page says that comes in a token's place does not matter, as long as it holds a token.
        guard fault != "content-type" else { return }
        let backend = try scene.backend()
        try scene.fake.fault(fault, times: 0, path: "/token", more)
        let wanted = fault == "error" && more["status"] as? Int == 418 ? "denied" : expected
        #expect(kind(await failure(backend)) == wanted)
        #expect(try scene.fake.requests().allSatisfy { !$0.path.contains(":access") })
        guard wanted != "denied" else { return }
        try scene.fake.clearFaults()
        #expect(kind(await failure(backend)) == "none")
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
        guard case .throttled(let wait) = await failure(backend), let wait else {
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
        #expect(await failure(backend) == .throttled(retryAfter: nil))
    }

    @Test("an answer that is slow comes, and one that does not come ends with the time-out")
    func slow() async throws {
        let backend = try scene.backend("timeouts: {connect: 1s, first-byte: 500ms, total: 5s}")
        try await backend.connect()
        try scene.fake.fault("slow", path: ":access", ["seconds": 0.1])
        #expect(kind(await failure(backend)) == "none")
        try scene.fake.fault("hang", path: ":access")
        #expect(kind(await failure(backend)) == "unavailable")
    }

    @Test("a caller that gives up ends the request")
    func cancelled() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault("hang", path: ":access")
        let task = Task { await failure(backend) }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(kind(await task.value) == "unavailable")
    }

    @Test("a token that ended is replaced, and a log-in that is refused is not repeated at once")
    func credentials() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault("expired-token", path: ":access")
        #expect(kind(await failure(backend)) == "none")
        try scene.fake.command("expire-tokens")
        try scene.fake.fault("refuse-login", times: 0)
        try scene.fake.clearRequests()
        for _ in 0..<5 { #expect(kind(await failure(backend)) == "denied") }
        #expect(try scene.fake.requests().filter { $0.path == "/token" }.count == 1)
    }

    @Test("a value that was damaged on the way is not delivered")
    func corrupt() async throws {
        let backend = try scene.backend()
        try scene.fake.command("corrupt", ["times": 1])
        guard case .unavailable(let detail, _) = await failure(backend) else {
            Issue.record("it was delivered")
            return
        }
        #expect(detail.contains("checksum") && !detail.contains("made up"))
        #expect(kind(await failure(backend)) == "none")
    }

    @Test(
        "a server that cannot prove who it is gets no credential",
        arguments: ["expired", "wrong-host", "other-authority"]
    )
    func certificates(certificate: String) async throws {
        let scene = try GoogleScene(["certificate": certificate])
        #expect(kind(await failure(try scene.backend())) == "unavailable")
        #expect(try scene.fake.requests().isEmpty)
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
        #expect(kind(error) == "unavailable")
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        #expect(try await backend.write(name("KEY"), [1]) == "2")
        #expect(try await backend.read(name("KEY")) == [1])
    }

    @Test("a secret that was made and got no value is none, and gets one with the next write")
    func halfWritten() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("error", path: ":addVersion", ["status": 503])
        let error = await backendError { () throws(BackendError) in try await backend.write(name("NEW"), [1]) }
        #expect(kind(error) == "unavailable")
        #expect(try await backend.read(name("NEW")) == nil)
        #expect(try await backend.write(name("NEW"), [1]) == "1")
    }

    @Test("no answer's body and no credential gets into what is said of a failure")
    func nothingLeaks() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        for fault in ["wrong-json", "error", "cut", "throttle", "expired-token"] {
            try scene.fake.fault(fault, times: 2, path: ":access")
            let words = String(describing: await failure(backend))
            #expect(!words.contains("made up") && !words.contains("{\"") && !words.contains("ya29"))
            try scene.fake.clearFaults()
        }
    }
}
