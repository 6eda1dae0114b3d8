import Foundation
import HTTP
import ManagerFakes
import SecretMemory
import Testing

/// What the tests of backends rely on, whatever the manager.
@Suite(.serialized)
struct FakeServerTests {
    @Test func itAnnouncesWhereItIsAndWhomToTrust() async throws {
        let fake = try FakeServer(.vault)
        #expect(fake.details["tls-address"] == fake.address)
        #expect(try await Asking(fake).status("/v1/sys/health") == 200)
    }

    @Test(arguments: ["expired", "wrong-host", "other-authority"])
    func itShowsACertificateThatMustBeRefused(_ certificate: String) async throws {
        let fake = try FakeServer(.vault, options: ["certificate": certificate])
        let asking = try Asking(fake)
        await #expect(throws: HTTPFailure.self) { try await asking.status("/v1/sys/health") }
        #expect(try fake.requests().isEmpty)
    }

    @Test func aCommandThatItDoesNotKnowIsAnError() throws {
        let fake = try FakeServer(.vault)
        #expect(throws: FakeServer.Refused.self) { try fake.command("no-such-command") }
        #expect(try fake.command("tokens")["tokens"] != nil)
    }

    @Test func requestsAreRecordedWithoutTheirCredentials() async throws {
        let fake = try FakeServer(.vault)
        let token = try #require(fake.command("token", ["label": "reader"])["token"] as? String)
        try fake.command("put", ["path": "app/one", "data": ["value": "made up"]])
        #expect(try await Asking(fake, token: token).status("/v1/secret/data/app/one?version=1") == 200)
        let request = try #require(fake.requests().first)
        #expect(request.method == "GET" && request.path == "/v1/secret/data/app/one?version=1")
        #expect(request.credential == "reader" && request.status == 200 && request.listener == "tls")
        #expect(request.headers["x-vault-token"] == "***" && request.headers["x-vault-request"] == "true")
        try fake.clearRequests()
        #expect(try fake.requests().isEmpty)
        #expect(try fake.connections() == 1)
    }

    @Test func faultsAreMetAsOftenAsAsked() async throws {
        let fake = try FakeServer(.vault)
        let asking = try Asking(fake)
        try fake.fault("error", times: 2, path: "/v1/secret", ["status": 502])
        #expect(try await asking.status("/v1/sys/health") == 200)
        #expect(try await asking.statuses("/v1/secret/data/x", count: 3) == [502, 502, 403])
        try fake.fault("error", times: 0)
        #expect(try await asking.statuses("/v1/sys/health", count: 3) == [500, 500, 500])
        try fake.clearFaults()
        #expect(try await asking.status("/v1/sys/health") == 200)
        #expect(throws: FakeServer.Refused.self) { try fake.fault("no-such-fault") }
    }

    @Test func chanceIsTheSameForTheSameSeed() async throws {
        let fake = try FakeServer(.vault)
        let asking = try Asking(fake)
        try fake.fault("error", times: 0, ["rate": 0.5])
        try fake.command("seed", ["seed": 7])
        let first = try await asking.statuses("/v1/sys/health", count: 40)
        try fake.command("seed", ["seed": 7])
        #expect(try await asking.statuses("/v1/sys/health", count: 40) == first)
        #expect(Set(first) == [200, 500])
    }

    @Test func nothingIsLeftOfItOnceItStopped() throws {
        let fake = try FakeServer(.vault)
        fake.stop()
        #expect(!FileManager.default.fileExists(atPath: fake.authority))
        #expect(throws: (any Error).self) { try fake.command("tokens") }
    }
}

/// A client of Vault's fake.
private struct Asking {
    private let address: String
    private let client: HTTPClient
    private let token: SharedSecret?

    init(_ fake: FakeServer, token: String? = nil) throws {
        var settings = HTTPClientSettings()
        settings.authorities = try Self.secret(String(contentsOfFile: fake.authority, encoding: .utf8))
        address = fake.address
        client = try HTTPClient(settings)
        self.token = try token.map(Self.secret)
    }

    func status(_ path: String) async throws -> Int {
        var request = HTTPRequest(.get, address + path)
        request.headers = [("X-Vault-Request", "true")]
        if let token { request.secretHeaders = [SecretHeader("X-Vault-Token", token)] }
        return try await client.send(request).status
    }

    func statuses(_ path: String, count: Int) async throws -> [Int] {
        var found: [Int] = []
        for _ in 0..<count { try await found.append(status(path)) }
        return found
    }

    private static func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: Array(text.utf8).span))
    }
}
