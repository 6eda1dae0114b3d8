import ManagerFakes
import Secrets

@testable import Backends

/// One of CyberArk's products for one test, and backends that ask it.
struct CyberArkScene {
    let fake: FakeServer

    /// - Parameter kind: `cyberark`, which is Privileged Access Manager, `conjur` or `ccp`.
    init(_ kind: FakeServer.Kind, _ options: [String: String] = [:]) throws {
        fake = try FakeServer(kind, options: options)
    }

    func detail(_ name: String) -> String { fake.details[name] ?? "" }

    /// - Parameters:
    ///   - login: the lines of the credential and its place; those of the fake's own where none are given.
    ///   - more: other keys of the section.
    func backend(
        login: String? = nil,
        _ more: String = "",
        readOnly: Bool = false,
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        let hasTLS = more.contains("tls:") || login?.contains("tls:") == true
        return try ConfiguredBackend(
            type: "cyberark",
            section: """
                address: \(fake.address)
                \(hasTLS ? "" : "tls: {ca: '\(fake.authority)'}")
                \(login ?? usual)
                \(more)
                """,
            readOnly: readOnly,
            notices: notices,
            time: time
        ).make()
    }

    /// `NAME: 'VALUE'` for details of the fake.
    func lines(_ names: String...) -> String { names.map { "\($0): '\(detail($0))'" }.joined(separator: "\n") }

    private var usual: String {
        switch fake.kind {
        case .conjur: lines("account", "username", "api-key", "policy-path") + "\nmanage-policy: true"
        case .ccp: lines("app-id", "safe")
        default: lines("username", "password", "safe", "platform-id")
        }
    }

    /// Requests whose path has this part.
    func count(_ part: String) throws -> Int { try fake.requests().count { $0.path.contains(part) } }
}
