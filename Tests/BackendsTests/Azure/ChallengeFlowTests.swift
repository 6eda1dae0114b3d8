import Secrets
import Synchronization
import Testing

@testable import Backends

@Suite("How a vault and the agent get to know each other")
struct ChallengeFlowTests {
    private let known = name("DB_PASSWORD")

    private func answer(_ request: ScriptedVault.Request) -> ScriptedVault.Reply {
        guard let own = try? ScriptedVault.own(known), request.path.hasPrefix("/secrets/\(own.name)") else {
            return ScriptedVault.missing
        }
        return .json(ScriptedVault.bundle(own.name, value: "made up", tags: own.tags))
    }

    private func error(_ vault: ScriptedVault) async -> BackendError? {
        do throws(BackendError) {
            _ = try await vault.backend.read(known)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a vault under a private name is asked first what it wants to see, and gets neither a token nor a value before"
    )
    func introduction() async throws {
        let vault = try ScriptedVault(answer: answer)
        try await vault.backend.write(known, Array("value".utf8))
        #expect(vault.asked.first?.headers["authorization"] == nil)
        #expect(vault.asked.first?.body == "")
        #expect(try await vault.backend.read(known) == Array("made up".utf8))
        #expect(vault.granted.count == 1)
        #expect(vault.granted.first?.form["scope"] == "\(ScriptedVault.resource)/.default")
        #expect(vault.asked.count { $0.headers["authorization"] == nil } == 1)
        #expect(vault.asked.allSatisfy { $0.path.contains("api-version=7.4") })
        await vault.backend.close()
    }

    @Test(
        "a vault that asks for a token of another service gets none",
        arguments: ["https://management.azure.com", "http://vault.example", "http://acme.vault.localhost", "nonsense"]
    )
    func otherResource(resource: String) async throws {
        let vault = try ScriptedVault(challenge: ScriptedVault.challenge(resource: resource), answer: answer)
        guard case .denied(let detail) = await error(vault) else {
            Issue.record("it was given a token")
            return
        }
        #expect(detail.contains("verify-challenge-resource"))
        #expect(vault.granted.isEmpty)
        #expect(vault.asked.allSatisfy { $0.headers["authorization"] == nil })
    }

    @Test("unless somebody has said that this name is private")
    func unverified() async throws {
        let vault = try ScriptedVault(
            challenge: ScriptedVault.challenge(resource: "https://vault.azure.net"),
            section: "verify-challenge-resource: false",
            answer: answer
        )
        #expect(try await vault.backend.read(known) != nil)
        #expect(vault.granted.first?.form["scope"] == "https://vault.azure.net/.default")
        await vault.backend.close()
    }

    @Test("a vault of another tenant is refused, and both are named")
    func otherTenant() async throws {
        let other = "00000000-1111-2222-3333-444455556666"
        let vault = try ScriptedVault(challenge: ScriptedVault.challenge(tenant: other), answer: answer)
        guard case .denied(let detail) = await error(vault) else {
            Issue.record("it was given a token")
            return
        }
        #expect(detail.contains(other) && detail.contains(AzureScene.tenant))
        #expect(vault.granted.isEmpty)
    }

    @Test("a token that is refused is replaced once, and the request repeated")
    func replaced() async throws {
        let left = Mutex(1)
        let challenge = ScriptedVault.challenge()
        let vault = try ScriptedVault { request in
            let isRefused = left.withLock { left in
                defer { left -= 1 }
                return left > 0
            }
            return isRefused ? .json(401, "{}", ["WWW-Authenticate": challenge]) : answer(request)
        }
        #expect(try await vault.backend.read(known) != nil)
        #expect(vault.granted.count == 2)
        #expect(vault.asked.map { $0.headers["authorization"] } == [nil, "Bearer made-up-1", "Bearer made-up-2"])
        await vault.backend.close()
    }

    @Test("a vault that refuses every token is not asked for ever")
    func loop() async throws {
        let challenge = ScriptedVault.challenge()
        let vault = try ScriptedVault { _ in .json(401, "{}", ["WWW-Authenticate": challenge]) }
        guard case .denied(let detail) = await error(vault) else {
            Issue.record("it was not refused")
            return
        }
        #expect(detail.contains("does not accept the token"))
        #expect(vault.granted.count == 2 && vault.asked.count == 3)
        await vault.backend.close()
    }

    @Test("what a token must fulfil beside it is asked for once, with a new token")
    func claims() async throws {
        let left = Mutex(1)
        let demand = ScriptedVault.challenge(more: #", error="insufficient_claims", claims="eyJhIjoxfQ==""#)
        let vault = try ScriptedVault { request in
            let isRefused = left.withLock { left in
                defer { left -= 1 }
                return left > 0
            }
            return isRefused ? .json(401, "{}", ["WWW-Authenticate": demand]) : answer(request)
        }
        #expect(try await vault.backend.read(known) != nil)
        #expect(vault.granted.map { $0.form["claims"] } == [nil, #"{"a":1}"#])
        await vault.backend.close()
    }

    @Test("whoever answers without asking who it is, is no vault", arguments: [200, 204, 302])
    func noVault(status: Int) async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(status, "{}") }
        let backend = try AzureScene.backend(
            """
            key-vault-uri: http://acme.vault.localhost:\(endpoint.port)
            credential: azure-cli
            """
        )
        await #expect {
            try await backend.read(known)
        } throws: { error in
            guard case .malformed(let detail) = error as? BackendError else { return false }
            return detail.contains("no Key Vault")
        }
        #expect(endpoint.requests.count == 1)
    }

    @Test("a 401 that does not say what it wants is no vault's")
    func silent() async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(401, "{}") }
        let backend = try AzureScene.backend("key-vault-uri: http://acme.vault.localhost:\(endpoint.port)")
        await #expect(throws: BackendError.self) { try await backend.connect() }
        #expect(endpoint.requests.count == 1)
    }

    @Test("a wrong password is not tried again and again")
    func wrongSecret() async throws {
        let endpoint = try ScriptedEndpoint { request in
            request.path.contains("/oauth2/")
                ? .json(401, #"{"error":"invalid_client","error_codes":[7000215]}"#)
                : .json(401, "{}", ["WWW-Authenticate": ScriptedVault.challenge()])
        }
        let backend = try AzureScene.backend(
            """
            key-vault-uri: http://acme.vault.localhost:\(endpoint.port)
            authority-host: \(endpoint.address)
            client-secret: {tenant-id: \(AzureScene.tenant), client-id: c, client-secret: wrong}
            """
        )
        for _ in 0..<10 {
            await #expect {
                try await backend.connect()
            } throws: { error in
                guard case .denied(let detail) = error as? BackendError else { return false }
                return detail.contains("AADSTS7000215")
            }
        }
        #expect(endpoint.requests.count { $0.path.contains("/oauth2/") } == 1)
    }
}
