import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("1Password Connect: what goes wrong")
struct OnePasswordFaultTests {
    private let scene: OnePasswordScene

    init() throws {
        scene = try OnePasswordScene()
        try scene.put("main/company.team/KEY", ["fields": [scene.password("made up")]])
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
        "each fault has its name, in the list and in the item",
        arguments: ["/items?", "/items/"],
        [
            ("cut", [:], "unavailable"), ("drop", [:], "unavailable"), ("wrong-json", [:], "malformed"),
            ("error", ["status": 500], "unavailable"), ("error", ["status": 503, "html": true], "unavailable"),
            ("error", ["status": 403], "forbidden"), ("error", ["status": 404], "malformed"),
            ("error", ["status": 418], "malformed"), ("throttle", [:], "throttled"),
            ("huge", ["bytes": 5 << 20], "malformed"), ("redirect", ["location": "http://localhost/x"], "malformed"),
            ("answer", ["body": "{\"id\": 7}"], "malformed"), ("expired-token", [:], "denied"),
        ] as [(String, [String: any Sendable], String)]
    )
    func faults(path: String, fault: (kind: String, more: [String: any Sendable], expected: String)) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault(fault.kind, times: 0, path: path, fault.more)
        #expect(kind(await failure(backend)) == fault.expected)
        try scene.fake.clearFaults()
        #expect(kind(await failure(backend)) == "none")
    }

    @Test("a server that is not ready yet cannot serve, and does a moment later")
    func unready() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.command("unready", ["requests": 1])
        #expect(kind(await failure(backend)) == "unavailable")
        #expect(kind(await failure(backend)) == "none")
    }

    @Test("a token that is refused is looked at once, and not shown again at once")
    func refused() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.command("revoke")
        try scene.fake.clearRequests()
        for _ in 0..<5 { #expect(kind(await failure(backend)) == "denied") }
        #expect(try scene.fake.requests().count == 2)
    }

    @Test("a vault out of the token's scope is said at the start, and is no missing secret")
    func scope() async throws {
        let other = try scene.fake.command("vault", ["name": "Other"])["vault-id"] as? String
        let backend = try scene.backend(vault: other)
        await #expect {
            try await backend.connect()
        } throws: { "\($0)".contains("forbidden") }
        #expect(kind(await failure(backend)) == "forbidden")
    }

    @Test("a read-only token that writes is told so, and what it reads stays readable")
    func readOnlyToken() async throws {
        let token = try scene.fake.command("token", ["label": "reader", "may_write": false])["token"] as? String
        let backend = try scene.backend(token: token)
        await #expect {
            try await backend.write(name("KEY"), [1])
        } throws: { "\($0)".contains("forbidden") }
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
    }

    @Test(
        "a server that cannot prove who it is gets no token",
        arguments: ["expired", "wrong-host", "other-authority"]
    )
    func certificates(certificate: String) async throws {
        let scene = try OnePasswordScene(["certificate": certificate])
        #expect(kind(await failure(try scene.backend())) == "unavailable")
        #expect(try scene.fake.requests().isEmpty)
    }

    @Test("no answer's body and no credential gets into what is said of a failure")
    func nothingLeaks() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        for fault in ["wrong-json", "error", "cut"] {
            try scene.fake.fault(fault, path: "/items/")
            let words = String(describing: await failure(backend))
            #expect(!words.contains(scene.token) && !words.contains("made up") && !words.contains("{\""))
        }
    }
}

@Suite("The section of 1Password Connect")
struct OnePasswordSettingsTests {
    private func read(_ section: String) throws -> (warnings: [String], refusal: String) {
        do {
            return (try Catalogue.read(ConfiguredBackend(type: "1password", section: section).settings()).warnings, "")
        } catch {
            return ([], "\(error)")
        }
    }

    @Test("the documented block is accepted, and what is wrong in it is named")
    func documented() throws {
        let block = try read("address: http://localhost:18080\ntoken: YOUR_TOKEN\nvaultId: YOUR_VAULT_ID")
        #expect(block.refusal == "" && block.warnings.count == 1 && block.warnings[0].contains("vault-id"))
        let good = "vaultId: ftz4pm2xxwmwrsd7rjqn7grzfz\n"
        #expect(try read(good + "address: https://connect.example\ntoken: t").warnings.isEmpty)
        #expect(try read(good + "address: http://connect.example\ntoken: t").warnings[0].contains("without TLS"))
        #expect(try read(good + "address: https://connect.example").refusal.contains("kestra.secret.1password.token"))
        #expect(try read(good + "token: t").refusal.contains("kestra.secret.1password.address"))
        #expect(try read("address: https://c.example\ntoken: t").refusal.contains("kestra.secret.1password.vault-id"))
        #expect(try read(good + "address: https://c.example\ntoken: t\nvaultID: x").refusal != "")
        #expect(try read(good + "adress: x").refusal.contains("did you mean \"address\"?"))
    }
}
