import ManagerFakes
import Secrets

@testable import Backends

/// A Secrets Safe of one test's own, and backends that ask it.
struct BeyondTrustScene {
    static let folder = "5d6f2c0a-5a3e-4b7b-9e52-2f5a1c7f0d11"

    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.beyondtrust, options: options) }

    var key: String { fake.details["api-key"] ?? "" }

    /// - Parameters:
    ///   - login: the lines of the credential; those of the fake's own user where none are given.
    ///   - place: the line of the folder.
    ///   - more: other keys of the section.
    func backend(
        login: String? = nil,
        place: String = "folder-id: \(folder)",
        _ more: String = "",
        readOnly: Bool = false,
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        let login = login ?? "api-key: \(key)\nrun-as: EXAMPLE\\\\svc-kestra"
        return try fake.backend(login, place, more, readOnly: readOnly, notices: notices, time: time)
    }

    /// Stores what somebody else wrote.
    func put(_ title: String, _ kind: String, _ members: [String: Any]) throws {
        try fake.command("put", members.merging(["title": title, "kind": kind]) { $1 })
    }

    func text(_ title: String, _ text: String) throws { try put(title, "Text", ["Text": text]) }

    func stored(_ title: String) throws -> (count: Int, members: [String: Any]) {
        let found = try fake.command("stored", ["title": title])
        return (found["count"] as? Int ?? 0, found["members"] as? [String: Any] ?? [:])
    }

    /// Requests whose path has this part.
    func count(_ part: String) throws -> Int { try fake.requests().count { $0.path.contains(part) } }
}
