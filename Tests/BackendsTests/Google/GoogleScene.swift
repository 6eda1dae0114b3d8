import Configuration
import Foundation
import ManagerFakes
import SecretMemory
import Secrets

@testable import Backends

/// A Secret Manager of one test's own, and backends that ask it.
struct GoogleScene {
    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.google, options: options) }

    func detail(_ name: String) -> String { fake.details[name] ?? "" }

    /// - Parameters:
    ///   - key: the file with the key of a service account; nil for none.
    ///   - more: other keys of the section.
    func backend(
        key: String? = "",
        _ more: String = "",
        readOnly: Bool = false,
        environment: [String: String] = [:],
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        var variables: [String: SharedSecret] = [:]
        for (name, text) in environment { variables[name] = try GoogleKeys.secret(text) }
        let login = key.map { "service-account-file: \($0.isEmpty ? detail("service-account-file") : $0)" } ?? ""
        return try ConfiguredBackend(
            type: "google-secret-manager",
            section: """
                endpoint-override: \(fake.address)
                tls:
                  ca: \(fake.authority)
                token-hosts: [localhost]
                project: \(detail("project"))
                \(login)
                \(more)
                """,
            readOnly: readOnly,
            environment: FixedEnvironment(variables),
            notices: notices,
            time: time
        ).make()
    }

    /// The file with a key of a new account.
    ///
    /// - Parameter identifiers: the secrets that the roles are granted on; nil for all.
    func account(_ name: String, _ roles: [String], only identifiers: [String]? = nil) throws -> String {
        var command: [String: Any] = ["name": name, "roles": roles]
        if let identifiers { command["only"] = identifiers }
        return try fake.command("service-account", command)["file"] as? String ?? ""
    }

    /// Stores what somebody else wrote.
    func put(_ identifier: String, _ value: String, labels: [String: String] = [:]) throws {
        try fake.command("put", ["id": identifier, "value": value, "labels": labels])
    }

    func stored(_ identifier: String) throws -> [String: Any] { try fake.command("stored", ["id": identifier]) }

    /// The names of those whose credentials were shown, in the order in which they first were.
    func credentials() throws -> [String] {
        try fake.requests().compactMap(\.credential).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
