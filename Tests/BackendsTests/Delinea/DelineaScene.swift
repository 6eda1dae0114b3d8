import ManagerFakes
import Secrets

@testable import Backends

/// A Secret Server of one test's own, and backends that ask it.
struct DelineaScene {
    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.delinea, options: options) }

    /// - Parameters:
    ///   - login: the lines of the log-in; those of the fake's own user where none are given.
    ///   - place: the lines of folder and template.
    ///   - more: other keys of the section.
    func backend(
        login: String? = nil,
        place: String? = nil,
        _ more: String = "",
        readOnly: Bool = false,
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        return try fake.backend(
            at: detail("base-address"),
            login ?? "username: \(detail("username"))\npassword: '\(detail("password"))'",
            place ?? "folder-id: 42\nsecret-template-id: 6007",
            more,
            readOnly: readOnly,
            notices: notices,
            time: time
        )
    }

    /// Stores what somebody else wrote.
    func put(_ name: String, _ fields: [String: String], template: Int = 6007) throws {
        try fake.command("put", ["name": name, "fields": fields, "template": template])
    }

    func stored(_ name: String) throws -> (count: Int, fields: [String: String]) {
        let found = try fake.command("stored", ["name": name])
        return (found["count"] as? Int ?? 0, found["fields"] as? [String: String] ?? [:])
    }

    /// Requests whose path has this part.
    func count(_ part: String) throws -> Int { try fake.requests().count { $0.path.contains(part) } }
}
