import Configuration
import Cryptography
import Foundation
import PublishedKeys
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Credentials for Google")
struct GoogleCredentialTests {
    private func read(
        _ text: String,
        allowing allowed: CredentialFile.Allowed = .all,
        hosts: TrustedHosts = TrustedHosts()
    ) throws -> GoogleCredential {
        try CredentialFile.read(
            try GoogleKeys.secret(text),
            from: "the file",
            allowing: allowed,
            hosts: hosts
        )
    }

    /// Why it was refused; "" where it was not.
    private func refusal(
        _ text: String,
        allowing allowed: CredentialFile.Allowed = .all,
        hosts: TrustedHosts = TrustedHosts()
    ) throws -> String {
        do {
            _ = try read(text, allowing: allowed, hosts: hosts)
            return ""
        } catch let refusal as CredentialFile.Refusal {
            return refusal.description
        }
    }

    @Test("the key of a service account is read, with its project")
    func serviceAccount() throws {
        let credential = try read(GoogleKeys.serviceAccount(), allowing: .keys)
        guard case .serviceAccount(let key) = credential.kind else {
            Issue.record("it is something else")
            return
        }
        #expect(key.email == GoogleKeys.email)
        #expect(key.keyIdentifier == GoogleKeys.identifier)
        #expect(key.tokenAddress == "https://oauth2.googleapis.com/token")
        #expect(key.signer.signatureBytes == 256)
        #expect(credential.project == "acme-prod")
        #expect(credential.title == "the key of \(GoogleKeys.email) (the file)")
    }

    @Test("what is signed is the published example, and the signature is the key's")
    func statement() throws {
        let header =
            "eyJhbGciOiJSUzI1NiIsImtpZCI6IjBmMWUyZDNjNGI1YTY5Nzg4Nzk2YTViNGMzZDJlMWYwMDEyMzQ1NjciLCJ0eXAiOiJKV1QifQ"
        let claims =
            "eyJhdWQiOiJodHRwczovL29hdXRoMi5nb29nbGVhcGlzLmNvbS90b2tlbiIsImV4cCI6MTc5NTM0MzQxNSwiaWF0IjoxNzk1MzM5ODE1LCJpc3MiOiJhZ2VudEBhY21lLXByb2QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJzY29wZSI6Imh0dHBzOi8vd3d3Lmdvb2dsZWFwaXMuY29tL2F1dGgvY2xvdWQtcGxhdGZvcm0ifQ"
        guard case .serviceAccount(let key) = try read(GoogleKeys.serviceAccount()).kind else {
            Issue.record("it is something else")
            return
        }
        let statement = text(try key.statement(at: 1_795_339_815))
        let parts = statement.split(separator: ".").map(String.init)
        #expect(parts.count == 3)
        #expect(parts[0] == header && parts[1] == claims)
        let signature = try RSASigner(pem: PublishedKeys.rfc7515.utf8Span.span).sign(
            "\(header).\(claims)".utf8Span.span
        )
        let expected = signature.withBytes { bytes in Data(bytes.indices.map { bytes[$0] }).base64EncodedString() }
        let inURLs = expected.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        #expect(parts[2] == inURLs)
    }

    @Test("a token that needs no exchange is for the service, and in the account's own name")
    func selfSigned() throws {
        guard case .serviceAccount(let key) = try read(GoogleKeys.serviceAccount()).kind else {
            Issue.record("it is something else")
            return
        }
        let token = text(try key.token(for: "https://secretmanager.googleapis.com/", at: 1000))
        var claims = String(token.split(separator: ".")[1])
        claims += String(repeating: "=", count: (4 - claims.count % 4) % 4)
        let data = try #require(Data(base64Encoded: claims))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["aud"] as? String == "https://secretmanager.googleapis.com/")
        #expect(object["iss"] as? String == GoogleKeys.email)
        #expect(object["sub"] as? String == GoogleKeys.email)
        #expect(object["iat"] as? Int == 1000 && object["exp"] as? Int == 4600)
        #expect(object["scope"] == nil)
    }

    @Test("the placeholders of the documentation are no keys, and are told so without being repeated")
    func placeholders() throws {
        let texts = [
            "Paste the contents of the service account JSON key file here.\n",
            """
            {
              "type": "service_account",
              "project_id": "gcp-project-id",
              "private_key_id": "...",
              "private_key": "...",
              ...
            }
            """,
            "", "[]", "{}", "\"text\"", "null",
        ]
        for text in texts {
            let reason = try refusal(text, allowing: .keys)
            #expect(reason.hasPrefix("the file "))
            #expect(!reason.contains("Paste") && !reason.contains("..."))
        }
        #expect(
            try refusal(GoogleKeys.serviceAccount(["private_key": "\"...\""])).contains("private_key is no private key")
        )
    }

    @Test("a member that is missing is named", arguments: ["client_email", "private_key"])
    func missing(member: String) throws {
        #expect(try refusal(GoogleKeys.serviceAccount([member: "null"])) == "the file lacks \(member)")
        #expect(try refusal(GoogleKeys.serviceAccount([member: "[1]"])) == "the file lacks \(member)")
    }

    @Test("in the configuration stands a key, and nothing that names files, commands or addresses")
    func onlyKeys() throws {
        for text in [Self.federated(), Self.user, Self.impersonated] {
            #expect(try refusal(text, allowing: .keys).contains("is not the key of a service account"))
            #expect(try refusal(text) == "")
        }
    }

    @Test(
        "credentials go to Google only",
        arguments: [
            ("https://oauth2.googleapis.com/token", true), ("https://googleapis.com/x", true),
            ("https://accounts.google.com/o/oauth2/token", true),
            ("https://oauth2.googleapis.com.evil.example/t", false),
            ("https://evilgoogleapis.com/t", false), ("http://oauth2.googleapis.com/token", false),
            ("https://sts.googleapis.com@evil.example/", false), ("https://evil.example/oauth2.googleapis.com", false),
            ("oauth2.googleapis.com", false), ("file:///etc/passwd", false), ("", false),
        ]
    )
    func hosts(address: String, isTrusted: Bool) throws {
        let hosts = TrustedHosts(universe: "googleapis.com", configured: [])
        #expect((hosts.fault(of: address) == nil) == isTrusted)
        let reason = try refusal(GoogleKeys.serviceAccount(["token_uri": "\"\(address)\""]))
        #expect(reason.isEmpty == isTrusted)
        if !isTrusted { #expect(reason.contains("token_uri")) }
    }

    @Test("another host is trusted where the configuration names it, and a sovereign cloud's by its universe")
    func furtherHosts() throws {
        let hosts = TrustedHosts(universe: "apis-s3ns.fr", configured: ["Localhost"])
        #expect(hosts.fault(of: "https://localhost:8443/token") == nil)
        #expect(hosts.fault(of: "https://sts.apis-s3ns.fr/v1/token") == nil)
        #expect(hosts.fault(of: "https://sts.googleapis.com/v1/token") != nil)
        let sovereign = GoogleKeys.serviceAccount([
            "universe_domain": "\"apis-s3ns.fr\"", "token_uri": "\"https://oauth2.apis-s3ns.fr/token\"",
        ])
        #expect(try refusal(sovereign, hosts: hosts) == "")
        #expect(try refusal(sovereign).contains("another universe"))
        #expect(try refusal(GoogleKeys.serviceAccount(), hosts: hosts).contains("another universe"))
    }

    @Test("a federated identity is read with its source, and acts as a service account where it says so")
    func federation() throws {
        let bare = try read(Self.federated())
        guard case .externalAccount(let account) = bare.kind, case .file(let path) = account.source else {
            Issue.record("it is something else")
            return
        }
        #expect(path == "/var/run/token" && account.field == "id_token")
        #expect(account.audience.hasSuffix("/providers/oidc-a"))
        let more = """
            ,"service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/x:generateAccessToken",
            "service_account_impersonation":{"token_lifetime_seconds":1200},
            "credential_source":{"url":"http://169.254.169.254/token","headers":{"Metadata":"True"}}
            """
        guard case .impersonated(.externalAccount(let other), let impersonation) = try read(Self.federated(more)).kind,
            case .url(let url, let headers) = other.source
        else {
            Issue.record("it is something else")
            return
        }
        #expect(url == "http://169.254.169.254/token" && headers.map(\.name) == ["Metadata"] && other.field == nil)
        #expect(impersonation.lifetimeSeconds == 1200)
    }

    @Test("a source that would run a command, or sign for another cloud, is refused")
    func foreignSources() throws {
        for source in [
            #"{"executable":{"command":"/bin/true"}}"#, #"{"certificate":{"use_default_certificate_config":true}}"#,
            #"{"environment_id":"aws1","region_url":"http://169.254.169.254/r","url":"http://169.254.169.254/c"}"#,
            "{}",
        ] {
            let reason = try refusal(Self.federated(",\"credential_source\":\(source)"))
            #expect(reason.contains("must have file or url"))
        }
    }

    @Test("an account behind a login or a key is read")
    func impersonation() throws {
        guard case .impersonated(.authorizedUser(let user), let impersonation) = try read(Self.impersonated).kind else {
            Issue.record("it is something else")
            return
        }
        #expect(user.clientIdentifier == "c.apps.googleusercontent.com")
        #expect(impersonation.delegates == ["projects/-/serviceAccounts/d@p.iam.gserviceaccount.com"])
        #expect(impersonation.lifetimeSeconds == 3600)
    }

    @Test("a type that is not known is refused", arguments: ["gdch_service_account", "", "Service_Account"])
    func unknownType(type: String) throws {
        #expect(try refusal("{\"type\":\"\(type)\"}").contains("has a type of credential that is not known here"))
    }

    // MARK: Pieces

    static let user = """
        {"type":"authorized_user","client_id":"c.apps.googleusercontent.com","client_secret":"s","refresh_token":"r",
         "quota_project_id":"payer"}
        """

    static let impersonated = """
        {"type":"impersonated_service_account","source_credentials":\(user),
         "service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/x:generateAccessToken",
         "delegates":["projects/-/serviceAccounts/d@p.iam.gserviceaccount.com"]}
        """

    static func federated(_ more: String = "") -> String {
        """
        {"type":"external_account",
         "audience":"//iam.googleapis.com/projects/4242/locations/global/workloadIdentityPools/pool-a/providers/oidc-a",
         "subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"https://sts.googleapis.com/v1/token",
         "credential_source":{"file":"/var/run/token",
           "format":{"type":"json","subject_token_field_name":"id_token"}}\(more)}
        """
    }

    private func text(_ secret: SharedSecret) -> String {
        secret.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    }
}

@Suite("Where the credential for Google is found")
struct GoogleCredentialsTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "google-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func write(_ text: String, _ name: String) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path()
    }

    private func find(
        _ environment: [String: String],
        configured: GoogleCredentials.Configured = .none
    ) throws(BackendError) -> GoogleCredential {
        var variables: [String: SharedSecret] = [:]
        for (name, text) in environment { variables[name] = try? GoogleKeys.secret(text) }
        let credentials = GoogleCredentials(
            configured: configured,
            environment: FixedEnvironment(variables),
            hosts: TrustedHosts()
        )
        return try credentials.current()
    }

    private func isMetadata(_ credential: GoogleCredential) -> Bool {
        if case .metadata = credential.kind { true } else { false }
    }

    @Test("the file of the variable is taken before the one of gcloud, and both before the machine")
    func order() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let named = try write(GoogleKeys.serviceAccount(["project_id": "\"named\""]), "key.json")
        try FileManager.default.createDirectory(
            at: folder.appending(path: ".config/gcloud"),
            withIntermediateDirectories: true
        )
        let home = folder.path()
        let name = "application_default_credentials.json"
        _ = try write(GoogleCredentialTests.user, ".config/gcloud/\(name)")
        _ = try write(GoogleKeys.serviceAccount(["project_id": "\"config\""]), name)

        let first = try find(["GOOGLE_APPLICATION_CREDENTIALS": named, "HOME": home])
        #expect(first.project == "named" && first.title.contains("GOOGLE_APPLICATION_CREDENTIALS"))
        #expect(try find(["HOME": home]).quotaProject == "payer")
        #expect(try find(["HOME": home, "CLOUDSDK_CONFIG": home]).project == "config")
        #expect(isMetadata(try find(["HOME": "/nonexistent"])))
        #expect(isMetadata(try find([:])))
        #expect(isMetadata(try find(["GOOGLE_APPLICATION_CREDENTIALS": ""])))
    }

    @Test("a file that is named and cannot be used is an error, and nobody else is asked")
    func brokenFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let broken = try write("not json", "broken.json")
        for (path, words) in [("/nonexistent/key.json", "cannot be read"), (broken, "is not the JSON of a credential")]
        {
            do throws(BackendError) {
                _ = try find(["GOOGLE_APPLICATION_CREDENTIALS": path])
                Issue.record("it was passed over")
            } catch {
                guard case .denied(let detail) = error else { throw error }
                #expect(detail.contains(path) && detail.contains(words))
            }
        }
    }

    @Test("a text in the configuration that is no key is an error, whatever else there is")
    func unusable() throws {
        #expect(throws: BackendError.denied(detail: "it is no key")) {
            try find(["HOME": "/nonexistent"], configured: .unusable("it is no key"))
        }
    }

    @Test("without anything, and where the machine must not be asked, there is no credential")
    func nothing() throws {
        do throws(BackendError) {
            _ = try find(["NO_GCE_CHECK": "true"])
            Issue.record("there was one")
        } catch {
            guard case .denied(let detail) = error else { throw error }
            #expect(detail.contains("there is no credential for Google"))
        }
    }
}
