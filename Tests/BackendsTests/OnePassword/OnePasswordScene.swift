import ManagerFakes
import Secrets

@testable import Backends

/// A Connect server of one test's own, and backends that ask it.
struct OnePasswordScene {
    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.onepassword, options: options) }

    var token: String { fake.details["token"] ?? "" }
    var vaultID: String { fake.details["vault-id"] ?? "" }

    /// - Parameters:
    ///   - token: the fake's own where none is given.
    ///   - more: other keys of the section.
    func backend(
        token: String? = nil,
        vault: String? = nil,
        path: String = "",
        _ more: String = "",
        readOnly: Bool = false,
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        try fake.backend(
            at: fake.address + path,
            "token: '\(token ?? self.token)'",
            "vaultId: \(vault ?? vaultID)",
            more,
            readOnly: readOnly,
            time: time
        )
    }

    /// A field of an item that somebody else made.
    func field(
        _ label: String,
        _ value: String,
        _ more: [String: any Sendable] = [:]
    ) -> [String: any Sendable] {
        more.merging(["id": "f\(label)", "type": "STRING", "label": label, "value": value]) { own, _ in own }
    }

    func password(_ value: String) -> [String: any Sendable] {
        field("password", value, ["id": "password", "type": "CONCEALED", "purpose": "PASSWORD"])
    }

    @discardableResult
    func put(_ title: String, _ members: [String: any Sendable]) throws -> String {
        try fake.command("put", members.merging(["title": title]) { $1 })["id"] as? String ?? ""
    }

    func stored(_ title: String) throws -> [[String: Any]] {
        try fake.command("stored", ["title": title])["items"] as? [[String: Any]] ?? []
    }
}
