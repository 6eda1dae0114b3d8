import ManagerFakes
import Secrets

@testable import Backends

/// A Doppler of one test's own, and backends that ask it.
struct DopplerScene {
    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.doppler, options: options) }

    var token: String { detail("token") }

    func detail(_ name: String) -> String { fake.details[name] ?? "" }

    /// - Parameters:
    ///   - token: the fake's own where none is given.
    ///   - more: other keys of the section.
    func backend(
        token: String? = nil,
        _ more: String = "",
        readOnly: Bool = false,
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        try fake.backend(
            "token: '\(token ?? self.token)'",
            "project: \(detail("project"))",
            "config: \(detail("config"))",
            "secretNamePrefix: kestra",
            more,
            readOnly: readOnly,
            notices: notices,
            time: time
        )
    }

    func put(_ name: String, _ value: String, visibility: String = "masked") throws {
        try fake.command("put", ["name": name, "value": value, "visibility": visibility])
    }

    func stored(_ name: String) throws -> [String: Any] { try fake.command("stored", ["name": name]) }
}
