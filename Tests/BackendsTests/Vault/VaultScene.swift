import Foundation
import ManagerFakes
import Secrets

@testable import Backends

/// A Vault of one test's own, and backends that ask it.
struct VaultScene {
    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.vault, options: options) }

    var rootToken: String { fake.details["root-token"] ?? "" }

    /// - Parameters:
    ///   - login: the lines of the log-in; those of the root token where none are given.
    ///   - more: other keys of the section.
    func backend(
        login: String? = nil,
        _ more: String = "",
        readOnly: Bool = false,
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        let login = login ?? "token: {token: \(rootToken)}"
        return try fake.backend(login, more, readOnly: readOnly, notices: notices, time: time)
    }

    /// Stores what somebody else wrote.
    func put(_ path: String, _ data: [String: Any], mount: String = "secret") throws {
        try fake.command("put", ["path": path, "data": data, "mount": mount])
    }

    func token(_ label: String, _ grant: [String: Any] = [:]) throws -> String {
        let made = try fake.command("token", grant.merging(["label": label]) { $1 })
        return made["token"] as? String ?? ""
    }
}
