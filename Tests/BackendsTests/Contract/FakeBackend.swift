import ManagerFakes
import Secrets

@testable import Backends

extension FakeServer {
    /// A backend that asks this fake.
    ///
    /// - Parameters:
    ///   - address: the fake's first where none is given.
    ///   - lines: keys of the section beside address and authority.
    func backend(
        at address: String? = nil,
        _ lines: String...,
        readOnly: Bool,
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource
    ) throws -> any SecretBackend {
        let section = ["address: \(address ?? self.address)", "tls: {ca: '\(authority)'}"] + lines
        return try ConfiguredBackend(
            type: type,
            section: section.joined(separator: "\n"),
            readOnly: readOnly,
            notices: notices,
            time: time
        ).make()
    }
}
