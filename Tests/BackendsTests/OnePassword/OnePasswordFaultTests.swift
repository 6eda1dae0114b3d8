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

    @Test("a server that is not ready yet cannot serve, and does a moment later")
    func unready() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.command("unready", ["requests": 1])
        #expect(await backend.failure().kind == "unavailable")
        #expect(await backend.failure().kind == "none")
    }

    @Test("a vault out of the token's scope is said at the start, and is no missing secret")
    func scope() async throws {
        let other = try scene.fake.command("vault", ["name": "Other"])["vault-id"] as? String
        let backend = try scene.backend(vault: other)
        await #expect {
            try await backend.connect()
        } throws: { "\($0)".contains("forbidden") }
        #expect(await backend.failure().kind == "forbidden")
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
