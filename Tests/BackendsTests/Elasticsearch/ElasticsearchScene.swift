import ManagerFakes
import Secrets

@testable import Backends

/// A cluster of one test's own, and backends that ask it.
struct ElasticsearchScene {
    static let secret = "made-up-for-tests-0123456789-abcdefghij"
    static let index = "kestra_agent_secrets_v1"

    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.elasticsearch, options: options) }

    var key: String { fake.details["api-key"] ?? "" }
    var second: String { fake.details["second-address"] ?? "" }

    /// - Parameters:
    ///   - hosts: the fake's first node where none is given.
    ///   - credential: keys of the section; the fake's key where none is given.
    ///   - more: other keys of the section.
    func backend(
        hosts: [String]? = nil,
        secret: String = Self.secret,
        credential: String? = nil,
        _ more: String = "",
        readOnly: Bool = false,
        time: TimeSource = .system,
        purpose: ManagerPurpose = .serving,
        notices: @escaping BackendNotices = { _ in }
    ) throws -> any SecretBackend {
        try ConfiguredBackend(
            type: "elasticsearch",
            section: """
                http-hosts: [\((hosts ?? [fake.address]).joined(separator: ", "))]
                tls: {ca: '\(fake.authority)'}
                secret: '\(secret)'
                \(credential ?? "api-key: '\(key)'")
                \(more)
                """,
            readOnly: readOnly,
            notices: notices,
            time: time,
            purpose: purpose
        ).make()
    }

    /// A key with these rights on the index alone, as the section has it.
    func key(_ privileges: [String], label: String = "limited") throws -> String {
        let rights: [String: Any] = ["label": label, "privileges": privileges, "names": [Self.index]]
        return "api-key: '\(try fake.command("user", rights)["api-key"] ?? "")'"
    }

    /// The documents whose sources have these members.
    func stored(_ members: [String: any Sendable] = [:]) throws -> [[String: Any]] {
        let all = members.merging(["index": Self.index]) { $1 }
        return try fake.command("stored", all)["documents"] as? [[String: Any]] ?? []
    }

    /// The source of the one document of a key.
    func source(_ key: String, namespace: String = "company.team") throws -> [String: Any] {
        try stored(["name": key, "namespace": namespace]).first?["source"] as? [String: Any] ?? [:]
    }

    func identifier(_ key: String) throws -> String { try stored(["name": key]).first?["id"] as? String ?? "" }

    /// Writes a document as somebody else would.
    func put(_ identifier: String, _ source: [String: Any]) throws {
        try fake.command("put", ["index": Self.index, "id": identifier, "source": source])
    }
}
