import Configuration
import Foundation
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Tokens of machines")
struct MachineCredentialTests {
    private let demand = TokenDemand(resource: "https://vault.azure.net")
    /// As metadata services answer: all numbers are strings.
    private static let good = """
        {"access_token":"made-up.token","client_id":"1111","expires_in":"86399","expires_on":"1795426214",\
        "not_before":"1795339814","resource":"https://vault.azure.net","token_type":"Bearer"}
        """

    private func credential(
        _ environment: FixedEnvironment,
        identity: ManagedIdentity? = nil,
        looksFirst: Bool = false,
        arcFolder: String = ManagedIdentityCredential.arcFolder
    ) throws -> ManagedIdentityCredential {
        ManagedIdentityCredential(
            web: try AzureScene.web(),
            host: MetadataHost(environment),
            identity: identity,
            looksFirst: looksFirst,
            time: VaultTime().source,
            arcFolder: arcFolder
        )
    }

    private func failure(_ credential: any AzureCredential) async -> CredentialFailure? {
        do throws(CredentialFailure) {
            _ = try await credential.token(for: demand)
            return nil
        } catch {
            return error
        }
    }

    @Test("a virtual machine is asked at its metadata service")
    func machine() async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let environment: FixedEnvironment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "\(endpoint.address)/"]
        let token = try await credential(environment).token(for: demand)
        #expect(AzureScene.text(token.secret) == "made-up.token" && token.lifetime == .seconds(86_399))
        let request = try #require(endpoint.requests.first)
        #expect(endpoint.requests.count == 1)
        #expect(
            request.path
                == "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
        )
        #expect(request.method == "GET" && request.headers["metadata"] == "true")
    }

    @Test(
        "one of several identities is named in the service's own words",
        arguments: zip(ManagedIdentity.Kind.allCases, ["client_id=a%2Fb", "object_id=a%2Fb", "mi_res_id=a%2Fb"])
    )
    func identities(kind: ManagedIdentity.Kind, parameter: String) async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let identity = ManagedIdentity(kind: kind, value: "a/b")
        let variable = ["AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_ENDPOINT"]
        for name in variable {
            var values = [name: try AzureScene.secret(endpoint.address)]
            if name == "IDENTITY_ENDPOINT" { values["IDENTITY_HEADER"] = try AzureScene.secret("made up") }
            _ = try await credential(FixedEnvironment(values), identity: identity).token(for: demand)
        }
        #expect(endpoint.requests.map { $0.path.components(separatedBy: "&").last } == [parameter, parameter])
    }

    @Test("an App Service is asked with its header, and its token ends at a time of day")
    func appService() async throws {
        let body = #"{"access_token":"made-up.token","expires_on":"1795343415","resource":"https://vault.azure.net"}"#
        let endpoint = try ScriptedEndpoint { _ in .json(body) }
        let environment: FixedEnvironment = [
            "IDENTITY_ENDPOINT": "\(endpoint.address)/msi/token", "IDENTITY_HEADER": "made-up-header",
            "MSI_ENDPOINT": "http://127.0.0.1:1",
        ]
        let token = try await credential(environment).token(for: demand)
        #expect(token.lifetime == .seconds(3600))
        let request = try #require(endpoint.requests.first)
        #expect(request.path == "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net")
        #expect(request.headers["x-identity-header"] == "made-up-header" && request.headers["metadata"] == nil)
    }

    @Test("Azure Arc gets the content of the file that it names")
    func arc() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("one.key")
        try "made-up-key".write(toFile: file, atomically: true, encoding: .utf8)
        let endpoint = try ScriptedEndpoint { request in
            request.headers["authorization"] == "Basic made-up-key"
                ? .json(Self.good) : .json(401, "", ["WWW-Authenticate": "Basic realm=\(file)"])
        }
        let environment: FixedEnvironment = ["IDENTITY_ENDPOINT": endpoint.address, "IMDS_ENDPOINT": "http://x"]
        let token = try await credential(environment, arcFolder: directory.path).token(for: demand)
        #expect(AzureScene.text(token.secret) == "made-up.token")
        #expect(endpoint.requests.map { $0.headers["metadata"] } == ["true", "true"])
        #expect(endpoint.requests.first?.path.contains("api-version=2020-06-01") == true)
    }

    @Test(
        "Azure Arc does not get a file of another folder, of another kind, or one that is too large",
        arguments: [
            "Basic realm=OTHER/one.key", "Basic realm=FOLDER/../OTHER-NAME/one.key", "Basic realm=FOLDER/sub/one.key",
            "Basic realm=FOLDER//one.key",
            "Basic realm=FOLDER/one.txt", "Basic realm=one.key", "Basic realm=", "", "Bearer realm=FOLDER/one.key",
            "Basic realm=FOLDER/large.key", "Basic realm=FOLDER/missing.key",
        ]
    )
    func arcFiles(header: String) async throws {
        let directory = try TemporaryDirectory()
        for name in ["one.key", "one.txt"] {
            try "made-up-key".write(toFile: directory.file(name), atomically: true, encoding: .utf8)
        }
        try String(repeating: "k", count: 4097).write(
            toFile: directory.file("large.key"),
            atomically: true,
            encoding: .utf8
        )
        // All of these are there, so that only where they are speaks against them.
        let other = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("sub"), withIntermediateDirectories: false)
        for file in [other.file("one.key"), directory.file("sub/one.key")] {
            try "made-up-key".write(toFile: file, atomically: true, encoding: .utf8)
        }
        let challenge = header.replacingOccurrences(of: "FOLDER", with: directory.path)
            .replacingOccurrences(of: "OTHER-NAME", with: (other.path as NSString).lastPathComponent)
            .replacingOccurrences(of: "OTHER", with: other.path)
        let endpoint = try ScriptedEndpoint { _ in .json(401, "", ["WWW-Authenticate": challenge]) }
        let environment: FixedEnvironment = ["IDENTITY_ENDPOINT": endpoint.address, "IMDS_ENDPOINT": "http://x"]
        let failure = await failure(try credential(environment, arcFolder: directory.path))
        #expect(failure != nil)
        #expect(endpoint.requests.count == 1 && endpoint.requests.allSatisfy { $0.headers["authorization"] == nil })
    }

    @Test("the older services are asked in their own ways")
    func older() async throws {
        let endpoint = try ScriptedEndpoint { _ in .json(Self.good) }
        let identity = ManagedIdentity(kind: .client, value: "c")
        let learning: FixedEnvironment = ["MSI_ENDPOINT": endpoint.address, "MSI_SECRET": "made-up-secret"]
        _ = try await credential(learning, identity: identity).token(for: demand)
        let shell: FixedEnvironment = ["MSI_ENDPOINT": "\(endpoint.address)/oauth2/token"]
        _ = try await credential(shell).token(for: demand)
        let requests = endpoint.requests
        #expect(requests[0].path.hasSuffix("?api-version=2017-09-01&resource=https%3A%2F%2Fvault.azure.net&clientid=c"))
        #expect(requests[0].headers["secret"] == "made-up-secret")
        #expect(requests[1].method == "POST" && requests[1].form == ["resource": "https://vault.azure.net"])
        #expect(requests[1].headers["metadata"] == "true")
        let fabric: FixedEnvironment = [
            "IDENTITY_ENDPOINT": endpoint.address, "IDENTITY_HEADER": "x", "IDENTITY_SERVER_THUMBPRINT": "y",
        ]
        guard case .failed(.unsupported) = await failure(try credential(fabric)) else {
            Issue.record("Service Fabric was asked")
            return
        }
    }

    @Test("no identity means that another source may be asked; a service that starts means to wait")
    func statuses() async throws {
        for (status, isAbsent) in [(400, true), (403, true), (404, false), (410, false), (429, false), (500, false)] {
            let endpoint = try ScriptedEndpoint { _ in .json(status, #"{"error":"invalid_request"}"#) }
            let environment: FixedEnvironment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "\(endpoint.address)"]
            switch await failure(try credential(environment)) {
            case .absent: #expect(isAbsent, "\(status)")
            case .failed(.unavailable), .failed(.throttled): #expect(!isAbsent, "\(status)")
            case let other: Issue.record("\(status): \(String(describing: other))")
            }
        }
    }

    @Test("in a chain the service is looked for first, without the header that it demands")
    func probe() async throws {
        let endpoint = try ScriptedEndpoint { request in
            request.headers["metadata"] == nil ? .json(400, "{}") : .json(Self.good)
        }
        let here: FixedEnvironment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "\(endpoint.address)"]
        _ = try await credential(here, looksFirst: true).token(for: demand)
        #expect(endpoint.requests.map { $0.headers["metadata"] } == [nil, "true"])
        let nowhere: FixedEnvironment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1"]
        guard case .absent = await failure(try credential(nowhere, looksFirst: true)),
            case .failed(.unavailable) = await failure(try credential(nowhere))
        else {
            Issue.record("a machine without the service has one")
            return
        }
    }
}

@Suite("The token of the Azure CLI")
struct AzureCLICredentialTests {
    private let demand = TokenDemand(resource: "https://vault.azure.net")
    private let directory: TemporaryDirectory
    private let time = VaultTime()

    init() throws { directory = try TemporaryDirectory() }

    private func entry(
        _ secret: String,
        target: String = "https://vault.azure.net/user_impersonation https://vault.azure.net/.default",
        seconds: Int64 = 3600,
        realm: String = AzureScene.tenant
    ) -> String {
        let end = time.wall / 1000 + seconds
        return """
            "a-\(secret)": {"credential_type": "AccessToken", "secret": "\(secret)", "target": "\(target)", \
            "realm": "\(realm)", "token_type": "Bearer", "cached_at": "1", "expires_on": "\(end)"}
            """
    }

    private func write(_ entries: [String]) throws {
        let text =
            "{\"AccessToken\": {\(entries.joined(separator: ","))}, \"RefreshToken\": {\"r\": {\"secret\": \"never\"}}}"
        try text.write(toFile: directory.file("msal_token_cache.json"), atomically: true, encoding: .utf8)
    }

    private func token(_ demand: TokenDemand? = nil) async throws(CredentialFailure) -> AzureToken {
        let environment = FixedEnvironment(dictionaryLiteral: ("AZURE_CONFIG_DIR", directory.path))
        return try await AzureCLICredential(environment, time: time.source).token(for: demand ?? self.demand)
    }

    @Test("the valid token for vaults that lasts longest is taken")
    func chosen() async throws {
        try write([
            entry("other", target: "https://management.core.windows.net//.default", seconds: 9000),
            entry("short", seconds: 900),
            entry("long", seconds: 1800), entry("over", seconds: -5),
            entry("odd", target: "https://vault.azure.net.evil/.default"),
        ])
        let token = try await token()
        #expect(AzureScene.text(token.secret) == "long" && token.lifetime == .seconds(1800))
    }

    @Test("only a token of the vault's tenant is taken")
    func tenants() async throws {
        try write([entry("theirs", seconds: 9000, realm: "other"), entry("ours", seconds: 900)])
        let wanted = TokenDemand(resource: demand.resource, tenant: AzureScene.tenant)
        #expect(AzureScene.text(try await token(wanted).secret) == "ours")
    }

    @Test("without a valid token the reason says what to run")
    func none() async throws {
        try write([entry("over", seconds: -5), entry("nearly", seconds: 30)])
        await #expect {
            try await token()
        } throws: { error in
            guard case .absent(let reason) = error as? CredentialFailure else { return false }
            return reason.contains("az account get-access-token --resource https://vault.azure.net")
        }
    }

    @Test(
        "a file that is missing, encrypted or something else is no source",
        arguments: [nil, "", "\u{1}\u{2}", "[]", "{}"]
    )
    func unreadable(content: String?) async throws {
        try content?.write(toFile: directory.file("msal_token_cache.json"), atomically: true, encoding: .utf8)
        await #expect {
            try await token()
        } throws: { error in
            guard case .absent(let reason) = error as? CredentialFailure else { return false }
            return reason.contains("msal_token_cache.json")
        }
    }

    @Test("without a home there is no file")
    func homeless() async throws {
        await #expect(throws: CredentialFailure.absent(reason: "neither AZURE_CONFIG_DIR nor HOME is set")) {
            try await AzureCLICredential([:] as FixedEnvironment, time: time.source).token(for: demand)
        }
    }
}
