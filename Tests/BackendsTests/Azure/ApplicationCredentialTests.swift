import Foundation
import HTTP
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Tokens for applications")
struct ApplicationCredentialTests {
    private let demand = TokenDemand(resource: "https://vault.azure.net")
    private static let good =
        #"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"made-up.token"}"#

    private func credential(_ endpoint: ScriptedEndpoint, secret: String = "made up") throws -> any AzureCredential {
        ClientSecretCredential(
            title: "client-secret",
            authority: try authority(endpoint),
            client: AzureScene.client,
            secret: try AzureScene.secret(secret)
        )
    }

    private func authority(_ endpoint: ScriptedEndpoint) throws -> Authority {
        Authority(
            web: try AzureScene.web(),
            origin: endpoint.address,
            tenant: AzureScene.tenant,
            time: VaultTime().source
        )
    }

    private func failure(_ credential: any AzureCredential, _ demand: TokenDemand? = nil) async -> CredentialFailure? {
        do throws(CredentialFailure) {
            _ = try await credential.token(for: demand ?? self.demand)
            return nil
        } catch {
            return error
        }
    }

    @Test("the form is posted to the tenant's endpoint, each byte of the secret encoded")
    func form() async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let secret = "a&b=c+d %\u{e9}\u{1f511}~-._"
        let token = try await credential(endpoint, secret: secret).token(for: demand)
        #expect(AzureScene.text(token.secret) == "made-up.token")
        #expect(token.lifetime == .seconds(3599))
        let request = try #require(endpoint.requests.first)
        #expect(request.method == "POST" && request.path == "/\(AzureScene.tenant)/oauth2/v2.0/token")
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(request.headers["authorization"] == nil)
        #expect(
            request.form == [
                "grant_type": "client_credentials", "client_id": AzureScene.client, "client_secret": secret,
                "scope": "https://vault.azure.net/.default",
            ]
        )
        #expect(request.body.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "+") })
    }

    @Test("what the vault wants the token to fulfil is asked for")
    func claims() async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#
        _ = try await credential(endpoint).token(for: TokenDemand(resource: demand.resource, claims: claims))
        #expect(endpoint.requests.first?.form["claims"] == claims)
    }

    @Test("a vault of another tenant gets no token, and nothing is asked")
    func otherTenant() async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let credential = try credential(endpoint)
        let other = "00000000-1111-2222-3333-444455556666"
        guard
            case .failed(.denied(let detail)) = await failure(
                credential,
                TokenDemand(resource: "https://v", tenant: other)
            )
        else {
            Issue.record("it was not refused")
            return
        }
        #expect(detail.contains(other) && detail.contains(AzureScene.tenant))
        #expect(endpoint.requests.isEmpty)
        // The same tenant in capitals, and one that goes by the name of a domain.
        for tenant in [AzureScene.tenant.uppercased(), "contoso.onmicrosoft.com", "common"] {
            #expect(await failure(credential, TokenDemand(resource: "https://v", tenant: tenant)) == nil)
        }
    }

    @Test(
        "a refusal says what is wrong, and repeats nothing of the authority's own text",
        arguments: [
            (7_000_215, "the client secret is wrong"), (7_000_222, "the client secret has expired"),
            (700_016, "no application"), (90_002, "no such tenant"), (70_021, "no federated credential"),
            (1, "AADSTS1"),
        ]
    )
    func refusals(code: Int, words: String) async throws {
        let body = """
            {"error":"invalid_client","error_description":"AADSTS\(code): app 'made-up-app' \\r\\nTrace ID: made-up-trace",\
            "error_codes":[\(code)],"trace_id":"made-up-trace"}
            """
        let endpoint = try ScriptedEndpoint { _ in .json(401, body) }
        guard case .failed(.denied(let detail)) = await failure(try credential(endpoint)) else {
            Issue.record("it was not refused")
            return
        }
        #expect(detail.contains(words) && detail.contains("AADSTS\(code)"))
        #expect(!detail.contains("made-up-app") && !detail.contains("made-up-trace") && !detail.contains("\n"))
    }

    @Test("an authority that cannot serve now is not one that refuses")
    func unavailable() async throws {
        let slow = try ScriptedEndpoint { _ in .json(429, "{}", ["Retry-After": "17"]) }
        #expect(await failure(try credential(slow)) == .failed(.throttled(retryAfter: .seconds(17))))
        for (status, body) in [(500, "{}"), (503, "<html>"), (400, #"{"error":"temporarily_unavailable"}"#)] {
            let endpoint = try ScriptedEndpoint { _ in .json(status, body) }
            guard case .failed(.unavailable) = await failure(try credential(endpoint)) else {
                Issue.record("\(status) is not unavailable")
                continue
            }
        }
        let gone = try credential(try ScriptedEndpoint { _ in .json(Self.good) })
        guard case .failed(.unavailable) = await failure(gone) else {
            Issue.record("nobody there is not unavailable")
            return
        }
    }

    @Test(
        "an answer without a token, or without its lifetime, is not one",
        arguments: [
            "", "{}", "<html>", "[]", #"{"access_token":"x"}"#, #"{"access_token":"","expires_in":60}"#,
            #"{"access_token":7,"expires_in":60}"#, #"{"access_token":"x","expires_in":"soon"}"#,
            #"{"access_token":"x","expires_in":9e99}"#, #"{"access_token":"x","expires_in":9223372036854775807}"#,
        ]
    )
    func malformed(body: String) async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(body) }
        guard case .failed(.malformed) = await failure(try credential(endpoint)) else {
            Issue.record("it was taken for a token")
            return
        }
    }

    @Test("a lifetime is never negative and never longer than any that is given")
    func lifetimes() async throws {
        for (text, expected) in [
            ("-5", Duration.zero), ("0", .zero), ("999999999", .seconds(48 * 3600)), ("\"86399\"", .seconds(86_399)),
        ] {
            let endpoint = try ScriptedEndpoint { _ in .json(#"{"access_token":"x","expires_in":\#(text)}"#) }
            #expect(try await credential(endpoint).token(for: demand).lifetime == expected)
        }
    }

    @Test("a federated token is read anew for each exchange, without the white space around it")
    func federated() async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let directory = try TemporaryDirectory()
        let file = directory.file("token")
        let credential = WorkloadIdentityCredential(
            authority: try authority(endpoint),
            client: AzureScene.client,
            file: file
        )
        for assertion in ["first.made-up.assertion", "second.made-up.assertion"] {
            try "\n \(assertion)\r\n\n".write(toFile: file, atomically: true, encoding: .utf8)
            _ = try await credential.token(for: demand)
            let form = try #require(endpoint.requests.last).form
            #expect(form["client_assertion"] == assertion)
            #expect(form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            #expect(form["client_secret"] == nil && form["client_id"] == AzureScene.client)
        }
    }

    @Test("a federated token that is not there is named by its file", arguments: [nil, "", " \n"])
    func noFederatedToken(content: String?) async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let directory = try TemporaryDirectory()
        let file = directory.file("token")
        try content?.write(toFile: file, atomically: true, encoding: .utf8)
        let credential = WorkloadIdentityCredential(authority: try authority(endpoint), client: "c", file: file)
        guard case .failed(.denied(let detail)) = await failure(credential) else {
            Issue.record("it was not refused")
            return
        }
        #expect(detail.contains(file))
        #expect(endpoint.requests.isEmpty)
    }
}
