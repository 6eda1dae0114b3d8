import Configuration
import SecretMemory
import Secrets
import Synchronization
import Testing

@testable import Backends

/// A source that does as it is told, and counts.
private final class ScriptedCredential: AzureCredential {
    let title: String
    private let answers: Mutex<[Result<AzureToken, CredentialFailure>]>
    private let asked = Mutex(0)

    init(_ title: String, _ answers: [Result<AzureToken, CredentialFailure>]) {
        self.title = title
        self.answers = Mutex(answers)
    }

    var count: Int { asked.withLock { $0 } }

    func token(for demand: TokenDemand) async throws(CredentialFailure) -> AzureToken {
        asked.withLock { $0 += 1 }
        return try answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
    }
}

@Suite("The chain of credentials")
struct AzureCredentialChainTests {
    private let demand = TokenDemand(resource: "https://vault.azure.net")
    private let absent = Result<AzureToken, CredentialFailure>.failure(.absent(reason: "not here"))

    private func token(_ text: String) throws -> Result<AzureToken, CredentialFailure> {
        .success(AzureToken(secret: try AzureScene.secret(text), lifetime: .seconds(60)))
    }

    @Test("the first that has a token is asked alone from then on")
    func remembered() async throws {
        let sources = [
            ScriptedCredential("one", [absent]), ScriptedCredential("two", [try token("t")]),
            ScriptedCredential("three", [try token("u")]),
        ]
        let chain = AzureCredentialChain(sources)
        for _ in 0..<3 { #expect(AzureScene.text(try await chain.token(for: demand).secret) == "t") }
        #expect(sources.map(\.count) == [1, 3, 0])
        #expect(chain.chosenTitle == "two")
    }

    @Test("one that is there and fails ends the search, because it was meant")
    func failing() async throws {
        let error = BackendError.denied(detail: "wrong")
        let sources = [
            ScriptedCredential("one", [absent]), ScriptedCredential("two", [.failure(.failed(error))]),
            ScriptedCredential("three", [try token("u")]),
        ]
        let chain = AzureCredentialChain(sources)
        await #expect(throws: error) { try await chain.token(for: demand) }
        #expect(sources.map(\.count) == [1, 1, 0])
        #expect(chain.chosenTitle == nil)
    }

    @Test("where there is none, each says why")
    func none() async throws {
        let chain = AzureCredentialChain([ScriptedCredential("one", [absent]), ScriptedCredential("two", [absent])])
        await #expect(
            throws: BackendError.denied(detail: "no credential for Azure was found (one: not here; two: not here)")
        ) {
            try await chain.token(for: demand)
        }
    }

    /// The default chain of an environment, as its refusal names it. No machine of the tests has a metadata service there.
    private func reasons(_ values: [String: String], source: AzureCredentialSource = .any) async throws -> BackendError?
    {
        var all = try values.mapValues(AzureScene.secret)
        all["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = try AzureScene.secret("http://127.0.0.1:1")
        var options = AzureOptions()
        options.source = source
        let chain = AzureCredentialSource.chain(
            options,
            authority: "http://127.0.0.1:1",
            web: try AzureScene.web(),
            environment: FixedEnvironment(all),
            time: .system
        )
        do throws(BackendError) {
            _ = try await chain.token(for: demand)
            return nil
        } catch {
            return error
        }
    }

    @Test("without a credential in the section the documented order is kept")
    func documentedOrder() async throws {
        guard case .denied(let detail) = try await reasons([:]) else {
            Issue.record("there was a credential")
            return
        }
        let places = ["environment:", "workload-identity:", "managed-identity:", "azure-cli:"].map {
            detail.firstRange(of: $0)
        }
        let starts = places.compactMap { $0?.lowerBound }
        #expect(starts.count == 4 && starts == starts.sorted())
    }

    @Test("what the environment has is used: each of these leads to the authority, which is not there")
    func environment() async throws {
        let identity = ["AZURE_TENANT_ID": AzureScene.tenant, "AZURE_CLIENT_ID": AzureScene.client]
        let secret = identity.merging(["AZURE_CLIENT_SECRET": "made up"]) { $1 }
        for source in [AzureCredentialSource.any, .environment] {
            guard case .unavailable = try await reasons(secret, source: source) else {
                Issue.record("the environment's secret was not used")
                continue
            }
        }
        guard case .denied = try await reasons(secret, source: .workloadIdentity) else {
            Issue.record("another source was used than the one that was asked for")
            return
        }
        let certificate = identity.merging(["AZURE_CLIENT_CERTIFICATE_PATH": "/x.pem"]) { $1 }
        guard case .unsupported(let detail) = try await reasons(certificate), detail.contains("CERTIFICATE_PATH") else {
            Issue.record("a certificate was passed over in silence")
            return
        }
    }
}
