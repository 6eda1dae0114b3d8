import HTTP
import SeededGenerator
import Testing

@testable import Backends

@Suite("What a vault wants to see")
struct BearerChallengeTests {
    private static let tenant = "9a8b7c6d-1111-2222-3333-444455556666"

    @Test(
        "every spelling of it is read",
        arguments: [
            #"Bearer authorization="https://login.windows.net/\#(tenant)", resource="https://vault.azure.net""#,
            #"bearer authorization_uri="https://login.windows.net/\#(tenant)",resource="https://vault.azure.net/""#,
            #"BEARER  scope = "https://vault.azure.net/.default" , authorization=https://login.windows.net/\#(tenant)/x"#,
            #"PoP realm="", Bearer resource="https://vault.azure.net", authorization="https://login.windows.net/\#(tenant)?a=b""#,
            #"Basic YWJj, Bearer error="a, \"b\" = c", authorization="https://login.windows.net/\#(tenant)", resource="https://vault.azure.net", Bearer resource="https://other""#,
        ]
    )
    func spellings(header: String) throws {
        let challenge = try #require(BearerChallenge(header))
        #expect(challenge.tenant == Self.tenant)
        #expect(challenge.resource == "https://vault.azure.net")
        #expect(challenge.claims == nil)
    }

    @Test("claims are read with all of their equal signs")
    func claims() throws {
        let header =
            #"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0=""#
        let challenge = try #require(BearerChallenge(header))
        #expect(challenge.claimsText == #"{"access_token":{"nbf":{"value":"1"}}}"#)
        #expect(challenge.tenant == nil && challenge.resource == nil)
        #expect(BearerChallenge(#"Bearer claims="!""#)?.claimsText == nil)
        #expect(BearerChallenge(#"Bearer claims="_w""#)?.claimsText == nil)
    }

    @Test(
        "anything else is no challenge of this kind",
        arguments: ["", " , ,", "Basic realm=/x", "Bearerx a=b", "=\"Bearer\"", "\"Bearer\"", "Negotiate"]
    )
    func others(header: String) {
        #expect(BearerChallenge(header) == nil)
    }

    @Test("a header without an end, or that is too long, does no harm")
    func hostile() {
        #expect(BearerChallenge(#"Bearer resource="https://vault"#)?.resource == "https://vault")
        #expect(BearerChallenge(#"Bearer resource="a\"#)?.resource == "a\\")
        #expect(BearerChallenge("Bearer " + String(repeating: "a=b,", count: 10_000)) == nil)
        #expect(BearerChallenge("Bearer " + String(repeating: "a=b,", count: 1000) + "resource=c")?.resource == nil)
        var chance = SeededGenerator(seed: 11)
        let pieces = [
            "Bearer", " ", ",", "=", "\"", "\\", "resource", "authorization", "https://a/b", "\u{e9}", "claims", "\t",
        ]
        for _ in 0..<20_000 {
            let header = (0..<Int.random(in: 0...14, using: &chance)).map { _ in chance.pick(pieces) }.joined()
            let challenge = BearerChallenge(header)
            #expect(challenge == nil || header.lowercased().contains("bearer"))
            _ = (challenge?.tenant, challenge?.claimsText)
        }
    }
}

@Suite("Addresses that a vault names")
struct KeyVaultLinksTests {
    private func address(_ text: String) throws -> HTTPAddress { try HTTPAddress(text) }

    @Test("a resource must be the service that the vault is of")
    func resources() throws {
        let vault = try address("https://Acme-Prod.vault.azure.net:443/x")
        #expect(vault.belongs(toResource: "https://vault.azure.net"))
        #expect(vault.belongs(toResource: "https://VAULT.azure.net:443/"))
        for other in [
            "https://management.azure.com", "https://evil-vault.azure.net", "https://acme-prod.vault.azure.net",
            "https://prod.vault.azure.net", "vault.azure.net.evil.example", "", "https://",
        ] {
            #expect(!vault.belongs(toResource: other), "\(other)")
        }
        #expect(!(try address("https://acmevault.azure.net").belongs(toResource: "https://vault.azure.net")))
    }

    @Test("a link to the next page leads to the vault itself")
    func links() throws {
        let vault = try address("https://acme.vault.azure.net")
        let query = "api-version=7.4&$skiptoken=eyJOZXh0%2FTWFya2VyIjoi&maxresults=25"
        for origin in ["https://acme.vault.azure.net:443", "https://ACME.vault.azure.net"] {
            #expect(vault.reference(of: "\(origin)/secrets?\(query)", to: "/secrets") == "/secrets?\(query)")
        }
        for link in [
            "https://evil.example/secrets?a", "http://acme.vault.azure.net/secrets?a", "/secrets?a",
            "https://acme.vault.azure.net:444/secrets?a", "https://acme.vault.azure.net@evil.example/secrets?a",
            "https://acme.vault.azure.net/keys?a", "https://acme.vault.azure.net/secrets/x?a",
            "https://acme.vault.azure.net/secrets?a b", "https://acme.vault.azure.net\\@evil.example/secrets?a",
        ] {
            #expect(vault.reference(of: link, to: "/secrets") == nil, "\(link)")
        }
    }

    @Test("each cloud has its own suffix, and a stranger has none")
    func clouds() {
        #expect(AzureCloud(host: "a.vault.azure.net") == .global)
        #expect(AzureCloud(host: "a.vault.azure.cn") == .china)
        #expect(AzureCloud(host: "a.vault.usgovcloudapi.net") == .usGovernment)
        for host in ["vault.azure.net", "avault.azure.net", "a.vault.azure.net.example", "localhost"] {
            #expect(AzureCloud(host: host) == nil, "\(host)")
        }
        #expect(AzureCloud.global.resource == "https://vault.azure.net")
    }
}
