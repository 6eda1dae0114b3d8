import Configuration
import Foundation
import HTTP
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

/// A made-up secret in locked memory.
func secret(_ text: String) throws -> SharedSecret {
    SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .general))
}

/// Text that is no secret, though it lies where secrets do. For made-up values only.
func text(_ secret: SharedSecret) -> String {
    secret.withBytes { bytes in
        String(decoding: [UInt8](capacity: bytes.count) { $0.append(contentsOf: bytes) }, as: UTF8.self)
    }
}

/// All that is done against the fake, one after the other: they share it, and its faults.
@Suite("AWS Secrets Manager", .serialized)
enum AWSSuites {}

/// The fake, and backends that ask it.
struct AWSScene {
    private static let shared = Result { try FakeServer(.aws) }

    let fake: FakeServer
    let log = NoticeLog()

    init() throws {
        fake = try Self.shared.get()
        try fake.clearFaults()
        try fake.command("lag", ["seconds": 0])
        try fake.clearRequests()
    }

    /// A backend with keys of one of the fake's users, or with those that it finds in `environment`.
    ///
    /// - Parameter user: "" for the one that may do everything, `restricted-` for the one that may do what the page on AWS
    ///   asks for; nil for no keys.
    func backend(
        user: String? = "",
        environment: FixedEnvironment = [:],
        time: TimeSource = .system,
        web change: (inout HTTPClientSettings) -> Void = { _ in },
        options more: (inout AWSOptions) -> Void = { _ in }
    ) throws -> AWSSecretsBackend {
        var settings = HTTPClientSettings()
        settings.authorities = try SecretFile.readSecret(fake.authority)
        change(&settings)
        var options = AWSOptions()
        options.endpoint = AWSEndpoint(try HTTPAddress(fake.address))
        options.region = fake.details["region"]
        if let user {
            options.keys = FixedKeys(
                accessKey: try secret(try #require(fake.details[user + "access-key-id"])),
                secretKey: try secret(try #require(fake.details[user + "secret-access-key"])),
                sessionToken: nil
            )
        }
        more(&options)
        let surroundings = ManagerSurroundings(environment: environment, notices: log.handler, time: time)
        return AWSSecretsBackend(options, over: WebService(try HTTPClient(settings)), in: surroundings)
    }

    /// A secret that somebody else made.
    ///
    /// - Returns: its address.
    @discardableResult
    func make(_ name: String, value: String = "made up", tags: [String: String]) throws -> String {
        let answer = try fake.command(
            "call",
            [
                "action": "CreateSecret",
                "body": [
                    "Name": name, "SecretString": value, "Tags": tags.map { ["Key": $0.key, "Value": $0.value] },
                ] as [String: Any],
            ]
        )
        return try #require((answer["answer"] as? [String: Any])?["ARN"] as? String)
    }

    /// Something that happens in AWS without the agent.
    @discardableResult
    func call(_ action: String, _ body: [String: Any]) throws -> [String: Any] {
        try fake.command("call", ["action": action, "body": body])["answer"] as? [String: Any] ?? [:]
    }

    /// The operations that were asked for since the last look, in order.
    func operations() throws -> [String] {
        let found = try fake.requests().compactMap {
            $0.headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
        }
        try fake.clearRequests()
        return found
    }

    /// The credentials that these were asked with.
    func credentials() throws -> [String] {
        try fake.requests().filter { $0.headers["x-amz-target"] != nil }.compactMap(\.credential)
    }
}

/// Tags as Kestra gives them.
func tags(_ namespace: String, _ key: String, prefix: String? = "kestra", more: [String: String] = [:]) -> [String:
    String]
{
    var tags = ["namespace": namespace, "key": key]
    tags["prefix"] = prefix
    return tags.merging(more) { $1 }
}

/// What a call throws; "" where it succeeds.
func failure(_ work: () async throws -> Void) async -> BackendError? {
    do { try await work() } catch { return error as? BackendError }
    return nil
}
