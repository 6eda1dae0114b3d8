import Configuration
import Foundation
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

/// A backend, and a server that says what the test tells it to say.
struct GoogleScript {
    /// Its own manners play no part: everything that is asked of it here has an answer that was given beforehand.
    let server: FakeServer
    private let folder: URL

    init() throws {
        server = try FakeServer(.vault)
        folder = FileManager.default.temporaryDirectory.appending(path: "google-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func stop() {
        server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A file for this test.
    func write(_ text: String, _ name: String) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path()
    }

    /// Host and port of the listener without TLS.
    var plain: String { (server.details["plain-address"] ?? "").replacing("http://", with: "") }

    /// The key of a service account whose tokens this server gives out.
    var key: String { GoogleKeys.serviceAccount(["token_uri": "\"\(server.address)/token\""]) }

    /// A backend as the configuration makes it.
    ///
    /// - Parameters:
    ///   - keys: of its section, in YAML, beside those that lead to this server.
    ///   - withKey: whether the section has the key of a service account.
    func backend(
        _ keys: [String] = [],
        readOnly: Bool = false,
        withKey: Bool = true,
        environment: [String: String] = [:],
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system
    ) throws -> GoogleBackend {
        var lines = [
            "endpoint-override: \(server.address)", "tls: {ca: \(server.authority)}", "token-hosts: [localhost]",
        ]
        if withKey { lines.append("service-account-file: \(try write(key, "key.json"))") }
        var variables: [String: SharedSecret] = [:]
        for (name, text) in environment { variables[name] = try GoogleKeys.secret(text) }
        let made = try ConfiguredBackend(
            type: "google-secret-manager",
            section: (lines + keys).joined(separator: "\n"),
            readOnly: readOnly,
            environment: FixedEnvironment(variables),
            notices: notices,
            time: time
        ).make()
        return try #require(made as? GoogleBackend)
    }

    // MARK: Answers

    /// What the server says to requests whose path holds `path`; earlier answers are used up first.
    ///
    /// - Parameter times: 0: from now on.
    func answer(
        _ path: String,
        _ body: String,
        status: Int = 200,
        method: String = "",
        times: Int = 1,
        headers: [String: String] = [:]
    ) throws {
        try server.fault(
            "answer",
            times: times,
            path: path,
            ["body": body, "status": status, "method": method, "headers": headers]
        )
    }

    /// A refusal in the service's words.
    func refuse(
        _ path: String,
        _ status: Int,
        _ code: String,
        reason: String? = nil,
        method: String = "",
        times: Int = 1
    ) throws {
        let info = reason.map { #"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"\#($0)"}"# } ?? ""
        let body = #"{"error":{"code":\#(status),"message":"s3cr3t words","status":"\#(code)","details":[\#(info)]}}"#
        try answer(path, body, status: status, method: method, times: times)
    }

    /// Tokens for everybody who asks.
    func grantTokens(seconds: Int = 3600) throws {
        try answer(
            "/token",
            #"{"access_token":"ya29.c.example","expires_in":\#(seconds),"token_type":"Bearer"}"#,
            times: 0
        )
    }

    /// The answer with a value, as the service writes it.
    static func value(_ bytes: [UInt8], version: Int = 7, checksum: UInt32? = nil) -> String {
        let data = bytes.isEmpty ? "" : #""data":"\#(Data(bytes).base64EncodedString())","#
        return #"""
            {"name":"projects/4242/secrets/x/versions/\#(version)","payload":{\#(data)"dataCrc32c":"\#(checksum ?? CRC32C.of(bytes.span))"}}
            """#
    }

    /// Paths of the requests that came in, without the token's.
    func paths() throws -> [String] {
        try server.requests().filter { $0.path != "/token" }.map { "\($0.method) \($0.path)" }
    }

    func tokenRequests() throws -> Int { try server.requests().filter { $0.path == "/token" }.count }

    // MARK: Names

    static let name = SecretName(tenant: "main", namespace: "company.team", key: "DB_PASSWORD")
    static let identifier = "kestra_tmain_ncompany_dteam_nDB__PASSWORD"
    static let path = "/v1/projects/acme-prod/secrets/\(identifier)"
}
