import Configuration
import Foundation
import HTTP
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("The section of Azure Key Vault")
struct AzureSettingsTests {
    private static let secret = "client-secret: {tenant-id: \(AzureScene.tenant), client-id: c, client-secret: made-up}"

    private func settings(_ section: String, readOnly: Bool = false) throws -> SecretSettings {
        try ConfiguredBackend(type: "azure-key-vault", section: section, readOnly: readOnly).settings()
    }

    private func warnings(_ section: String, readOnly: Bool = false) throws -> [String] {
        try Catalogue.read(settings(section, readOnly: readOnly)).warnings
    }

    /// The text of the refusal, or "" where there was none.
    private func refusal(_ section: String, readOnly: Bool = false) throws -> String {
        do {
            _ = try Catalogue.read(try settings(section, readOnly: readOnly))
            return ""
        } catch let error as CatalogueError {
            return error.description
        } catch let error as ConfigurationError {
            return error.description
        }
    }

    private func place(_ section: String) throws -> String {
        let backend = try AzureScene.backend(section)
        return String(backend.place(of: name("A")).prefix { $0 != "?" })
    }

    @Test("the documented blocks are accepted; what cannot work with them is a warning")
    func documented() throws {
        let block = "clientSecret:\n  tenantId: \"id\"\n  clientId: \"id\"\n  clientSecret: \"secret\""
        for isReadOnly in [false, true] {
            let warnings = try warnings(block, readOnly: isReadOnly)
            #expect(warnings.count == 2)
            #expect(warnings.contains { $0.contains("neither vault-name nor key-vault-uri") })
            #expect(warnings.contains { $0.contains("tenant-id") })
        }
        let filter = "filter-on-tags:\n  tags:\n    application: kestra-production"
        #expect(try warnings(filter, readOnly: true).count == 1)
        #expect(try warnings(filter).contains { $0.contains("filter-on-tags counts only with read-only: true") })
        #expect(try warnings("vault-name: example\ntags: {application: kestra-production}").isEmpty)
    }

    @Test("without a vault everything says so")
    func noVault() async throws {
        let backend = try AzureScene.backend(Self.secret)
        let calls: [() async throws -> Void] = [
            { try await backend.connect() }, { _ = try await backend.read(name("A")) },
            { try await backend.write(name("A"), [1]) }, { _ = try await backend.delete(name("A")) },
            { _ = try await backend.list(ListQuery(tenant: "", namespace: "a", limit: 1)) },
        ]
        for call in calls {
            await #expect(
                throws: BackendError.unsupported(
                    detail: "azure-key-vault: neither vault-name nor key-vault-uri says which vault to use"
                )
            ) { try await call() }
        }
    }

    @Test("a vault's name and cloud are its address, and a whole address stands over the name")
    func addresses() throws {
        #expect(try place("vault-name: Acme-Prod").hasPrefix("https://acme-prod.vault.azure.net/secrets/kestra-"))
        #expect(try place("vault-name: acme\ncloud: china").hasPrefix("https://acme.vault.azure.cn/"))
        #expect(try place("vault-name: acme\ncloud: US-Government").hasPrefix("https://acme.vault.usgovcloudapi.net/"))
        #expect(
            try place("vault-name: acme\nkey-vault-uri: https://Other.example:8443/ignored")
                .hasPrefix("https://other.example:8443/secrets/")
        )
    }

    @Test(
        "what is wrong is refused with its key",
        arguments: [
            ("vault-name: a", "vault-name"), ("vault-name: example.com/x", "vault-name"),
            ("vault-name: a.b.c", "vault-name"),
            ("key-vault-uri: ftp://x", "key-vault-uri"), ("key-vault-uri: https://u:p@x", "key-vault-uri"),
            ("key-vault-uri: https://a.vault.azure.cn\ncloud: public", "cloud"), ("cloud: moon", "cloud"),
            ("authority-host: \"https://a b\"", "authority-host"), ("credential: magic", "credential"),
            ("client-secret: {tenant-id: a-b, client-id: c}", "client-secret.client-secret"),
            ("client-secret: {client-id: c, client-secret: s}", "client-secret.tenant-id"),
            ("\(secret)\ncredential: environment", "credential"),
            ("managed-identity: {client-id: a, object-id: b}", "managed-identity"),
            ("tags: {key: x}", "tags"), ("tags: {\((0..<11).map { "t\($0): x" }.joined(separator: ", "))}", "tags"),
            ("tags: {a: \(String(repeating: "x", count: 257))}", "tags"), ("listing-lifetime: 2h", "listing-lifetime"),
            ("prefix: \(String(repeating: "x", count: 257))", "prefix"), ("vault: x", "vault"),
        ]
    )
    func refused(section: String, key: String) throws {
        let text = try refusal(section)
        #expect(text.contains("kestra.secret.azure-key-vault.\(key)"), "\(text)")
        #expect(!text.contains("made-up"))
    }

    @Test("ten default tags leave room for the agent's own")
    func tags() throws {
        #expect(
            try refusal("tags: {\((0..<10).map { "t\($0): x" }.joined(separator: ", "))}\nvault-name: acme").isEmpty
        )
    }

    @Test("plain HTTP is for this machine, unless somebody says otherwise")
    func plainHTTP() throws {
        #expect(try warnings("key-vault-uri: http://127.0.0.1:1").isEmpty)
        #expect(try warnings("key-vault-uri: http://vault.example").contains { $0.contains("allow-plain-http") })
        #expect(try warnings("key-vault-uri: http://vault.example\nallow-plain-http: true").isEmpty)
    }

    @Test("secrets go to the configured authority, else to that of the environment, else to the cloud's")
    func authorities() async throws {
        let good = #"{"access_token":"made-up","expires_in":60}"#
        let (first, second) = (try ScriptedEndpoint { _ in .json(good) }, try ScriptedEndpoint { _ in .json(good) })
        let environment = FixedEnvironment(dictionaryLiteral: ("AZURE_AUTHORITY_HOST", first.address))
        // Nobody is at this vault; whom the agent logs in at shows before that.
        let section =
            "vault-name: acme\nproxy: {address: \"http://127.0.0.1:1\", exceptions: [127.0.0.1]}\n\(Self.secret)"
        for (more, endpoint) in [("", first), ("authority-host: \(second.address)", second)] {
            let backend = try AzureScene.backend("\(section)\n\(more)", environment: environment)
            await #expect(throws: BackendError.self) { try await backend.connect() }
            let request = try #require(endpoint.requests.first)
            #expect(request.form["scope"] == "https://vault.azure.net/.default")
            await backend.close()
        }
        #expect(first.requests.count == 1 && second.requests.count == 1)
        #expect(throws: CatalogueError.self) {
            try AzureScene.backend(section, environment: ["AZURE_AUTHORITY_HOST": "https://a b"])
        }
    }
}
