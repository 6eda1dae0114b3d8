import Foundation
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Tokens of Google")
struct GoogleTokenTests {
    private let script: GoogleScript
    private let flavor = ["Metadata-Flavor": "Google"]
    private let token = #"{"access_token":"ya29.c.example","expires_in":3412,"token_type":"Bearer"}"#

    init() throws {
        script = try GoogleScript()
        try script.answer(":access", GoogleScript.value([1]), times: 0)
    }

    private func get(_ backend: GoogleBackend) async -> BackendError? {
        await backendError { () throws(BackendError) in
            guard try await backend.get(GoogleScript.name, version: nil) != nil else {
                throw .unsupported(detail: "it is not there")
            }
        }
    }

    /// The detail of a refusal; "" where it was something else.
    private func denial(_ backend: GoogleBackend) async -> String {
        if case .denied(let detail) = await get(backend) { detail } else { "" }
    }

    // MARK: Keys

    @Test("a key that is refused says so once, and is not tried again at once")
    func refusedKey() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.answer(
            "/token",
            #"{"error":"invalid_grant","error_description":"Invalid JWT Signature. s3cr3t"}"#,
            status: 400,
            times: 0
        )
        let detail = await denial(backend)
        #expect(detail.contains("400 invalid_grant") && detail.contains(GoogleKeys.email))
        #expect(!detail.contains("s3cr3t"))
        #expect(await denial(backend) == detail)
        #expect(try script.tokenRequests() == 1)
        #expect(try script.paths().isEmpty)
    }

    @Test("a clock that is wrong is told, with its error")
    func skew() async throws {
        defer { script.stop() }
        try script.answer(
            "/token",
            #"{"error":"invalid_grant"}"#,
            status: 400,
            headers: ["Date": "Sun, 22 Nov 2026 10:00:00 GMT"]
        )
        let there: Int64 = 1_795_341_600_000
        let system = TimeSource.system
        let time = TimeSource(now: system.now, wall: { there + 7_200_000 }, sleep: system.sleep)
        let detail = await denial(try script.backend(time: time))
        #expect(detail.contains("7200 seconds ahead of the server's"))
    }

    @Test(
        "who gives tokens may be down, busy, or something else",
        arguments: [
            (500, "{}"), (503, "<html>"), (400, #"{"error":"internal_failure"}"#),
            (400, #"{"error":"temporarily_unavailable"}"#),
        ]
    )
    func down(status: Int, body: String) async throws {
        defer { script.stop() }
        try script.answer("/token", body, status: status)
        guard case .unavailable = await get(try script.backend()) else {
            Issue.record("it is something else")
            return
        }
    }

    @Test("an answer without a usable token is malformed")
    func malformed() async throws {
        defer { script.stop() }
        let bodies = [
            "", "{}", #"{"access_token":"t"}"#, #"{"expires_in":1}"#, #"{"access_token":"","expires_in":1}"#,
            #"{"access_token":7,"expires_in":1}"#, #"{"access_token":"t","expires_in":"soon"}"#,
        ]
        let backend = try script.backend()
        for body in bodies {
            try script.answer("/token", body)
            guard case .malformed = await get(backend) else {
                Issue.record("\(body) is something else")
                continue
            }
        }
    }

    @Test("a token that is a request's way to smuggle a header in is not sent")
    func smuggled() async throws {
        defer { script.stop() }
        try script.answer("/token", #"{"access_token":"t\r\nX-Evil: 1","expires_in":60}"#)
        #expect(await get(try script.backend()) != nil)
        #expect(try script.paths().isEmpty)
    }

    @Test("a key may sign its tokens itself")
    func selfSigned() async throws {
        defer { script.stop() }
        let backend = try script.backend(["self-signed-tokens: true"])
        #expect(await get(backend) == nil)
        #expect(try script.tokenRequests() == 0)
        #expect(try script.server.requests().last?.headers["authorization"] == "Bearer ***")
    }

    @Test("a placeholder instead of a key is refused when the agent connects")
    func placeholder() async throws {
        defer { script.stop() }
        let backend = try script.backend(["service-account: Paste the contents here."], withKey: false)
        guard case .denied(let detail) = await backendError({ () throws(BackendError) in try await backend.connect() })
        else {
            Issue.record("it is something else")
            return
        }
        #expect(detail == "google-secret-manager.service-account is not the JSON of a credential")
    }

    // MARK: Files

    @Test("a login of gcloud is renewed with its refresh token, and pays with its own project")
    func authorizedUser() async throws {
        defer { script.stop() }
        try script.grantTokens()
        let login = GoogleCredentialTests.user.replacing(
            "\"type\"",
            with: "\"token_uri\":\"\(script.server.address)/token\",\"type\""
        )
        let path = try script.write(login, "login.json")
        let backend = try script.backend(
            ["project: acme-prod"],
            withKey: false,
            environment: ["GOOGLE_APPLICATION_CREDENTIALS": path]
        )
        #expect(await get(backend) == nil)
        #expect(try script.server.requests().last?.headers["x-goog-user-project"] == "payer")
    }

    @Test("a federated identity exchanges the token that is in its file at that time")
    func federation() async throws {
        defer { script.stop() }
        let subject = try script.write(#"{"id_token":"eyJhbGciOi.first.one"}"#, "subject.json")
        let path = try script.write(federated(#"{"file":"\#(subject)","format":\#(format)}"#), "federated.json")
        let backend = try script.backend(
            ["project: acme-prod"],
            withKey: false,
            environment: ["GOOGLE_APPLICATION_CREDENTIALS": path]
        )
        try script.answer("/v1/token", token)
        #expect(await get(backend) == nil)
        let first = try #require(try script.server.requests().first { $0.path == "/v1/token" })
        // A longer token in the file makes the next exchange larger, by exactly as much.
        _ = try script.write(#"{"id_token":"eyJhbGciOi.second.one-that-is-longer"}"#, "subject.json")
        try script.refuse(":access", 401, "UNAUTHENTICATED")
        try script.server.clearFaults()
        try script.refuse(":access", 401, "UNAUTHENTICATED")
        try script.answer(":access", GoogleScript.value([1]))
        try script.answer("/v1/token", token)
        #expect(await get(backend) == nil)
        let second = try #require(try script.server.requests().last { $0.path == "/v1/token" })
        #expect(second.length - first.length == "second.one-that-is-longer".count - "first.one".count)
        try FileManager.default.removeItem(atPath: subject)
        let third = try script.backend(
            ["project: acme-prod"],
            withKey: false,
            environment: ["GOOGLE_APPLICATION_CREDENTIALS": path]
        )
        #expect(await denial(third).contains("\(subject), which cannot be read"))
    }

    @Test("the token of another cloud's metadata service is asked for with its headers, and the exchange may refuse it")
    func federationByAddress() async throws {
        defer { script.stop() }
        let source = #"{"url":"http://\#(script.plain)/subject","headers":{"Metadata":"True"}}"#
        let path = try script.write(federated(source), "federated.json")
        let backend = try script.backend(
            ["project: acme-prod"],
            withKey: false,
            environment: ["GOOGLE_APPLICATION_CREDENTIALS": path]
        )
        try script.answer("/subject", "eyJhbGciOi.x.y")
        try script.answer("/v1/token", #"{"error":"invalid_grant","error_description":"s3cr3t"}"#, status: 400)
        let detail = await denial(backend)
        #expect(detail.contains("400 invalid_grant") && !detail.contains("s3cr3t"))
        let asked = try #require(try script.server.requests().first { $0.path == "/subject" })
        #expect(asked.headers["metadata"] != nil && asked.listener == "plain")
    }

    @Test("a federated identity acts as a service account, and is told when it may not")
    func impersonation() async throws {
        defer { script.stop() }
        let subject = try script.write("eyJhbGciOi.x.y\n", "subject")
        let address = "\(script.server.address)/v1/projects/-/serviceAccounts/\(GoogleKeys.email):generateAccessToken"
        let more = #","service_account_impersonation_url":"\#(address)""#
        let path = try script.write(federated(#"{"file":"\#(subject)"}"#, more), "federated.json")
        let environment = ["GOOGLE_APPLICATION_CREDENTIALS": path]
        try script.answer("/v1/token", token, times: 0)

        try script.refuse(":generateAccessToken", 403, "PERMISSION_DENIED")
        let refused = try script.backend(["project: acme-prod"], withKey: false, environment: environment)
        let detail = await denial(refused)
        #expect(detail.contains("roles/iam.workloadIdentityUser"))
        #expect(!detail.contains("s3cr3t"))

        try script.answer(
            ":generateAccessToken",
            #"{"accessToken":"ya29.c.other","expireTime":"2126-11-21T10:30:15Z"}"#
        )
        let backend = try script.backend(["project: acme-prod"], withKey: false, environment: environment)
        #expect(await get(backend) == nil)
        #expect(try script.paths().last == "GET \(GoogleScript.path)/versions/latest:access")
    }

    @Test("only an address of the machine's own link is asked without TLS, and no name that looks like one")
    func linkLocal() async throws {
        defer { script.stop() }
        for (host, expected) in [
            ("169.254.169.254", true), ("169.254.evil.example", false), ("169.254.1.1.evil.example", false),
            ("169.254.1", false), ("169.254.256.1", false), ("10.0.0.1", false), ("169.254.1.", false),
        ] {
            #expect(SubjectTokens.isLinkLocal(host) == expected)
        }
        let source = #"{"url":"http://169.254.evil.example/token"}"#
        let path = try script.write(federated(source), "federated.json")
        let backend = try script.backend(
            ["project: acme-prod"],
            withKey: false,
            environment: ["GOOGLE_APPLICATION_CREDENTIALS": path]
        )
        guard case .unsupported(let detail) = await get(backend) else {
            Issue.record("it was asked")
            return
        }
        #expect(detail.contains("without TLS"))
    }

    // MARK: The machine

    @Test("the machine's own account is used, and its project")
    func metadata() async throws {
        defer { script.stop() }
        try script.answer("/project/project-id", "acme-prod", headers: flavor)
        try script.answer("/service-accounts/default/token", token, headers: flavor)
        let backend = try script.backend(withKey: false, environment: ["GCE_METADATA_HOST": script.plain])
        #expect(await get(backend) == nil)
        let asked = try #require(try script.server.requests().first { $0.path.contains("/token?") })
        #expect(
            asked.path == "/computeMetadata/v1/instance/service-accounts/default/token"
                + "?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform"
        )
        #expect(asked.headers["metadata-flavor"] == "Google" && asked.listener == "plain")
        #expect(asked.headers["x-forwarded-for"] == nil)
        #expect(try script.paths().last == "GET \(GoogleScript.path)/versions/latest:access")
    }

    @Test("whatever else answers in the metadata server's place gives no token")
    func notTheMetadataServer() async throws {
        defer { script.stop() }
        try script.answer("/service-accounts/default/token", token, times: 0)
        let backend = try script.backend(
            ["project: acme-prod"],
            withKey: false,
            environment: ["GCE_METADATA_HOST": script.plain]
        )
        guard case .malformed(let detail) = await get(backend) else {
            Issue.record("it was believed")
            return
        }
        #expect(detail.contains("is not Google's metadata server"))
        #expect(try script.paths().allSatisfy { !$0.contains(":access") })
    }

    @Test("a machine without an account is told so, and one that does not answer, too")
    func noAccount() async throws {
        defer { script.stop() }
        try script.answer("/service-accounts/default/token", "not found", status: 404, headers: flavor)
        let keys = ["project: acme-prod", "timeouts: {connect: 1s}"]
        let empty = try script.backend(keys, withKey: false, environment: ["GCE_METADATA_HOST": script.plain])
        #expect(await denial(empty).contains("has no service account for this machine or pod"))
        let away = try script.backend(keys, withKey: false, environment: ["GCE_METADATA_HOST": "127.0.0.1:1"])
        guard case .unavailable(let detail, _) = await get(away) else {
            Issue.record("it is something else")
            return
        }
        #expect(detail.contains("set service-account or GOOGLE_APPLICATION_CREDENTIALS"))
    }

    @Test("without a project anywhere, nothing is asked")
    func noProject() async throws {
        defer { script.stop() }
        try script.answer("/project/project-id", "", status: 404, headers: flavor)
        let backend = try script.backend(withKey: false, environment: ["GCE_METADATA_HOST": script.plain])
        #expect(await denial(backend).contains("no project is known"))
    }

    // MARK: Pieces

    private let format = #"{"type":"json","subject_token_field_name":"id_token"}"#

    private func federated(_ source: String, _ more: String = "") -> String {
        GoogleCredentialTests.federated(",\"credential_source\":\(source)\(more)")
            .replacing("https://sts.googleapis.com", with: script.server.address)
    }
}
