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

    @Test("a sealed Vault cannot serve, and does again once it is unsealed")
    func sealed() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.command("state", ["state": "sealed"])
        let error = await backend.failure()
        #expect(error.kind == "unavailable")
        #expect("\(String(describing: error))".contains("sealed"))
        try scene.fake.command("state", ["state": "active"])
        #expect(await backend.failure().kind == "none")
    }

    @Test("a standby's redirect is followed once, with the token, and not to plain HTTP")
    func standby() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.command("state", ["state": "standby", "redirect": "active"])
        #expect(await backend.failure().kind == "none")
        #expect(try scene.fake.requests().contains { $0.listener == "active" && $0.status == 200 })
        let plain = scene.fake.details["plain-address"] ?? ""
        try scene.fake.command("state", ["state": "standby", "redirect": plain])
        #expect(await backend.failure().kind == "malformed")
        #expect(try !scene.fake.requests().contains { $0.listener == "plain" })
    }

    @Test("a replica that has not caught up is not believed")
    func replica() async throws {
        let scene = try VaultScene(["enterprise": "yes"])
        let backend = try scene.backend()
        try await backend.write(name("KEY"), Array("1".utf8))
        try scene.fake.command("lag", ["requests": 1])
        #expect(await backend.failure().kind == "unavailable")
        #expect(try await backend.read(name("KEY")) == Array("1".utf8))
    }
}
