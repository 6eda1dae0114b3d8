import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Vault: what goes wrong")
struct VaultFaultTests {
    private let scene: VaultScene

    init() throws {
        scene = try VaultScene()
        try scene.put("main/company/team/KEY", ["value": "made up"])
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
            ("error", ["status": 418], "malformed"), ("throttle", [:], "throttled"),
            ("huge", ["bytes": 5 << 20], "malformed"), ("redirect", ["location": "http://localhost/v1/x"], "malformed"),
        ] as [(String, [String: any Sendable], String)]
    )
    func faults(fault: String, more: [String: any Sendable], expected: String) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(fault, times: 0, path: "/data/", more)
        #expect(kind(await failure(backend)) == expected)
        try scene.fake.clearFaults()
        #expect(kind(await failure(backend)) == "none")
    }

    @Test("the wait that a throttled answer asks for is passed on")
    func retryAfter() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault("throttle", path: "/data/", ["retry_after": 7])
        #expect(await failure(backend) == .throttled(retryAfter: .seconds(7)))
    }

    @Test("an answer that does not come ends with the time-out")
    func slow() async throws {
        let backend = try scene.backend("timeouts: {connect: 1s, first-byte: 300ms, total: 5s}")
        try await backend.connect()
        try scene.fake.fault("hang", path: "/data/")
        #expect(kind(await failure(backend)) == "unavailable")
    }

    @Test("a sealed Vault cannot serve, and does again once it is unsealed")
    func sealed() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.command("state", ["state": "sealed"])
        let error = await failure(backend)
        #expect(kind(error) == "unavailable")
        #expect("\(String(describing: error))".contains("sealed"))
        try scene.fake.command("state", ["state": "active"])
        #expect(kind(await failure(backend)) == "none")
    }

    @Test("a standby's redirect is followed once, with the token, and not to plain HTTP")
    func standby() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.command("state", ["state": "standby", "redirect": "active"])
        #expect(kind(await failure(backend)) == "none")
        #expect(try scene.fake.requests().contains { $0.listener == "active" && $0.status == 200 })
        let plain = scene.fake.details["plain-address"] ?? ""
        try scene.fake.command("state", ["state": "standby", "redirect": plain])
        #expect(kind(await failure(backend)) == "malformed")
        #expect(try !scene.fake.requests().contains { $0.listener == "plain" })
    }

    @Test("a replica that has not caught up is not believed")
    func replica() async throws {
        let scene = try VaultScene(["enterprise": "yes"])
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("1".utf8))
        try scene.fake.command("lag", ["requests": 1])
        #expect(kind(await failure(backend)) == "unavailable")
        #expect(try await backend.read(name("KEY")) == Array("1".utf8))
    }

    @Test(
        "a server that cannot prove who it is gets no token",
        arguments: ["expired", "wrong-host", "other-authority"]
    )
    func certificates(certificate: String) async throws {
        let scene = try VaultScene(["certificate": certificate])
        let backend = try scene.backend()
        #expect(kind(await failure(backend)) == "unavailable")
        #expect(try scene.fake.requests().isEmpty)
    }

    @Test("no answer's body and no credential gets into what is said of a failure")
    func nothingLeaks() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        for fault in ["wrong-json", "error", "cut"] {
            try scene.fake.fault(fault, path: "/data/")
            let words = String(describing: await failure(backend))
            #expect(!words.contains(scene.rootToken) && !words.contains("made up") && !words.contains("{\""))
        }
    }
}
