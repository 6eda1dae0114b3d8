import Configuration
import Foundation
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Getting into Azure Key Vault")
struct AzureAccessTests {
    private let vault: FakeVault
    private let secret = name("DB_PASSWORD")

    init() throws { vault = try FakeVault() }

    private func environment(_ values: [String: String]) throws -> FixedEnvironment {
        FixedEnvironment(try values.mapValues(AzureScene.secret))
    }

    /// The labels of those whom the vault let in.
    private func callers() throws -> Set<String> {
        Set(
            try vault.fake.requests().filter { $0.path.hasPrefix("/secrets") && $0.status != 401 }.compactMap(
                \.credential
            )
        )
    }

    @Test("with a client secret, in the section or in the environment")
    func clientSecret() async throws {
        let variables = try environment([
            "AZURE_TENANT_ID": vault.detail("tenant-id"), "AZURE_CLIENT_ID": vault.detail("client-id"),
            "AZURE_CLIENT_SECRET": vault.detail("client-secret"),
        ])
        for backend in [try vault.backend(), try vault.backend(credential: "", environment: variables)] {
            try await backend.connect()
            await backend.close()
        }
        #expect(try callers() == ["agent"])
    }

    @Test("with the token of a Kubernetes cluster, which is read again for each log-in")
    func workloadIdentity() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("token")
        let variables = try environment([
            "AZURE_TENANT_ID": vault.detail("tenant-id"), "AZURE_CLIENT_ID": vault.detail("client-id"),
            "AZURE_FEDERATED_TOKEN_FILE": file, "AZURE_AUTHORITY_HOST": vault.detail("authority-host"),
        ])
        let backend = try vault.backend(credential: "", environment: variables)
        try "expired.assertion".write(toFile: file, atomically: true, encoding: .utf8)
        let error = await backendError { () throws(BackendError) in try await backend.connect() }
        guard case .denied(let detail) = error else {
            Issue.record("an assertion that has ended was accepted")
            return
        }
        #expect(detail.contains("AADSTS700024"))
        let good = try String(contentsOfFile: vault.detail("federated-token-file"), encoding: .utf8)
        try "\(good)\n".write(toFile: file, atomically: true, encoding: .utf8)
        await backend.close()
        let again = try vault.backend(credential: "credential: workload-identity", environment: variables)
        try await again.connect()
        #expect(try callers() == ["agent"])
        await again.close()
    }

    @Test("with the identity of the machine, its own or one of several")
    func machine() async throws {
        try vault.fake.command("identity", ["label": "assigned", "client_id": "chosen"])
        let variables = try environment(["AZURE_POD_IDENTITY_AUTHORITY_HOST": vault.detail("imds-address")])
        for section in ["", "managed-identity: {client-id: chosen}"] {
            let backend = try vault.backend(section, credential: "", environment: variables)
            try await backend.connect()
            await backend.close()
        }
        #expect(try callers() == ["machine", "assigned"])
        let missing = try vault.backend("managed-identity: {object-id: nobody}", credential: "", environment: variables)
        #expect(await backendError { () throws(BackendError) in try await missing.connect() }.kind == "denied")
    }

    @Test("with the identity of an App Service")
    func appService() async throws {
        let variables = try environment([
            "IDENTITY_ENDPOINT": vault.detail("app-service-endpoint"),
            "IDENTITY_HEADER": vault.detail("identity-header"),
        ])
        let backend = try vault.backend(credential: "credential: managed-identity", environment: variables)
        try await backend.connect()
        #expect(try callers() == ["machine"])
        await backend.close()
    }

    @Test("a wrong secret is denied at the first step")
    func wrong() async throws {
        let wrong = vault.application.replacingOccurrences(of: vault.detail("client-secret"), with: "made-up")
        let backend = try vault.backend(credential: wrong)
        let error = await backendError { () throws(BackendError) in try await backend.connect() }
        #expect(error.kind == "denied")
        #expect(!"\(String(describing: error))".contains("made-up"))
        await backend.close()
    }

    @Test("what a role does not allow is forbidden, and the credential stays good")
    func permissions() async throws {
        try vault.fake.command(
            "application",
            ["label": "reader", "client_secrets": [vault.detail("client-secret")], "permissions": ["get"]]
        )
        let notices = NoticeLog()
        let backend = try vault.backend(notices: notices)
        try await backend.connect()
        #expect(notices.all.isEmpty)
        #expect(try await backend.read(secret) == nil)
        #expect(
            await backendError { () throws(BackendError) in try await backend.write(secret, [1]) }.kind == "forbidden"
        )
        #expect(
            await backendError { () throws(BackendError) in _ = try await backend.delete(secret) }.kind == "forbidden"
        )
        let query = ListQuery(tenant: "", namespace: "company.team", limit: 1)
        #expect(await backendError { () throws(BackendError) in _ = try await backend.list(query) }.kind == "forbidden")
        #expect(try vault.fake.requests().count { $0.path.contains("/oauth2/") } == 1)
        await backend.close()
    }

    @Test("a credential that may read nothing is good, and somebody is told")
    func nothing() async throws {
        try vault.fake.command(
            "application",
            ["label": "nobody", "client_secrets": [vault.detail("client-secret")], "permissions": [String]()]
        )
        let notices = NoticeLog()
        let backend = try vault.backend(notices: notices)
        try await backend.connect()
        #expect(notices.all.count == 1 && notices.all.first?.contains("roles") == true)
        #expect(
            await backendError { () throws(BackendError) in _ = try await backend.read(secret) }.kind == "forbidden"
        )
        let lenient = try vault.backend("forbidden-is-missing: true")
        #expect(try await lenient.read(secret) == nil)
        for backend in [backend, lenient] { await backend.close() }
    }

    @Test("a token that ends is replaced, in the middle of anything")
    func expiry() async throws {
        let backend = try vault.backend()
        try await backend.write(secret, Array("1".utf8))
        try vault.fake.command("expire-tokens")
        #expect(try await backend.read(secret) == Array("1".utf8))
        try vault.fake.fault("expired-token", path: "/secrets/")
        try await backend.write(secret, Array("2".utf8))
        try vault.fake.fault("skew", path: "/secrets/", ["seconds": 7200])
        #expect(try await backend.read(secret) == Array("2".utf8))
        let logins = try vault.fake.requests().count { $0.path.contains("/oauth2/") }
        #expect(logins == 3)
        await backend.close()
    }

    @Test("many callers at once cause one log-in")
    func singleLogin() async throws {
        let backend = try vault.backend()
        let secret = secret
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<24 { group.addTask { (try? await backend.read(secret)) == .some(nil) } }
            for await isMissing in group { #expect(isMissing) }
        }
        #expect(try vault.fake.requests().count { $0.path.contains("/oauth2/") } == 1)
        await backend.close()
    }

    @Test("the vault's claims are met with another token")
    func claims() async throws {
        let backend = try vault.backend()
        try await backend.connect()
        try vault.fake.command("demand-claims", ["claims": #"{"access_token":{"nbf":{"essential":true,"value":"7"}}}"#])
        try await backend.connect()
        await backend.close()
    }

    @Test("a vault that asks for a token of another service, or of another tenant, gets none")
    func challenges() async throws {
        try vault.fake.command("challenge", ["resource": "https://management.azure.com"])
        let first = try vault.backend()
        #expect(await backendError { () throws(BackendError) in try await first.connect() }.kind == "denied")
        try vault.fake.command("challenge", ["tenant": "00000000-1111-2222-3333-444455556666"])
        let second = try vault.backend()
        #expect(await backendError { () throws(BackendError) in try await second.connect() }.kind == "denied")
        #expect(try vault.fake.requests().allSatisfy { !$0.path.contains("/oauth2/") })
        for backend in [first, second] { await backend.close() }
    }

    @Test("a certificate that is not trusted ends it before anything is said")
    func certificate() async throws {
        let backend = try AzureScene.backend(
            """
            key-vault-uri: \(vault.detail("vault-address"))
            authority-host: \(vault.detail("authority-host"))
            \(vault.application)
            """
        )
        #expect(await backendError { () throws(BackendError) in try await backend.connect() }.kind == "unavailable")
        #expect(try vault.fake.requests().isEmpty)
    }

    @Test("an answer is waited for, but not for ever", arguments: [(0.3, "none"), (3, "unavailable")])
    func slow(seconds: Double, expected: String) async throws {
        let backend = try vault.backend("timeouts: {connect: 700ms, first-byte: 700ms}")
        try await backend.write(secret, Array("1".utf8))
        let read = { () async throws(BackendError) in _ = try await backend.read(secret) }
        try vault.fake.fault("slow", times: 0, path: "/secrets/", ["seconds": seconds])
        #expect(await backendError(read).kind == expected)
        try vault.fake.clearFaults()
        #expect(await backendError(read) == nil)
        await backend.close()
    }

    @Test("the wait that a throttled vault or authority asks for is passed on")
    func throttled() async throws {
        let backend = try vault.backend()
        let read = { () async throws(BackendError) in _ = try await backend.read(secret) }
        try vault.fake.fault("throttle", path: "/oauth2/", ["retry_after": 9])
        #expect(await backendError(read) == .throttled(retryAfter: .seconds(9)))
        try vault.fake.fault("throttle", path: "/secrets/", ["retry_after": 7])
        #expect(await backendError(read) == .throttled(retryAfter: .seconds(7)))
        #expect(await backendError(read) == nil)
        await backend.close()
    }

    @Test(
        "an authority that fails is not a refusal",
        arguments: [
            ("cut", [:], "unavailable"), ("error", ["status": 503], "unavailable"), ("wrong-json", [:], "malformed"),
            ("refuse-login", [:], "denied"),
        ] as [(String, [String: any Sendable], String)]
    )
    func authority(fault: String, more: [String: any Sendable], expected: String) async throws {
        let backend = try vault.backend()
        try vault.fake.fault(fault, times: 0, path: "/oauth2/", more)
        #expect(await backendError { () throws(BackendError) in try await backend.connect() }.kind == expected)
        await backend.close()
    }
}
