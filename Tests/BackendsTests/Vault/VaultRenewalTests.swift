import ManagerFakes
import ScriptedTime
import Secrets
import Testing

@testable import Backends

/// Hours of a token's life, in time that passes here and at the fake alike.
@Suite("Vault: the life of a token")
struct VaultRenewalTests {
    private let scene: VaultScene
    private let time = ScriptedTime(.waits)

    init() throws {
        scene = try VaultScene()
        try scene.put("main/company/team/KEY", ["value": "made up"])
    }

    /// Lets time pass step by step, and reads a value after each.
    private func pass(_ steps: Int, of seconds: Int, _ backend: any SecretBackend) async throws {
        for _ in 0..<steps {
            // There first: what is renewed here must not be granted from a moment that is already over.
            try scene.fake.advance(seconds: Double(seconds))
            try await time.advanceAndSettle(by: .seconds(seconds))
            #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        }
    }

    private func count(_ path: String) throws -> Int { try scene.fake.requests().count { $0.path.contains(path) } }

    @Test("a log-in's token is renewed, and near its last end replaced by a new log-in, with no read refused")
    func logins() async throws {
        try scene.fake.command(
            "user",
            ["name": "john", "password": "made up too", "ttl": 600, "max_ttl": 1500]
        )
        let backend = try scene.backend(login: "password: {user: john, password: made up too}", time: time.source)
        try await backend.connect()
        try await pass(30, of: 100, backend)
        let (logins, renewals) = (try count("/login/"), try count("/renew-self"))
        #expect(logins >= 2 && logins <= 4, "\(logins)")
        #expect(renewals >= 3, "\(renewals)")
        #expect(try scene.fake.requests().allSatisfy { $0.status != 403 })
    }

    @Test("a token of the configuration is renewed for as long as Vault does")
    func configured() async throws {
        let token = try scene.token("periodic", ["ttl": 600, "period": 600, "renewable": true])
        let backend = try scene.backend(login: "token: {token: \(token)}", time: time.source)
        try await backend.connect()
        try await pass(20, of: 100, backend)
        #expect(try count("/renew-self") >= 4)
        #expect(try count("/login") == 0)
    }

    @Test("of a token that cannot be renewed the operator is told in time")
    func notRenewable() async throws {
        let notices = NoticeLog()
        let token = try scene.token("short", ["ttl": 3600, "renewable": false])
        let backend = try scene.backend(login: "token: {token: \(token)}", notices: notices.handler, time: time.source)
        try await backend.connect()
        #expect(notices.all.contains { $0.contains("cannot be renewed and ends in") && !$0.contains(token) })
    }
}
