import Configuration
import SecretMemory
import Secrets

@testable import Backends

/// A backend made as the agent makes it: from the text of a configuration file.
struct ConfiguredBackend {
    let type: String
    /// The keys of the manager's section, as they stand in the file.
    let section: String
    var readOnly = false
    /// More keys of `kestra.secret`.
    var secret = ""
    var environment: FixedEnvironment = [:]
    var notices: BackendNotices = { _ in }
    var time = TimeSource.system
    var purpose = ManagerPurpose.serving

    func make() throws -> any SecretBackend {
        try Catalogue.read(
            settings()
        ).make(ManagerSurroundings(environment: environment, notices: notices, time: time, purpose: purpose))
    }

    func settings() throws -> SecretSettings {
        func indented(_ text: String, by count: Int) -> String {
            text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 + "\n" }.joined()
        }
        let yaml =
            "kestra:\n  secret:\n    type: \(type)\n    read-only: \(readOnly)\n" + indented(secret, by: 4)
            + (section.isEmpty ? "" : "    \(type):\n" + indented(section, by: 6))
        let text = SharedSecret(try SecretBytes(copying: yaml.utf8Span.span, account: .general))
        return try Configuration.parse(
            [ConfigurationSource(name: "test.yml", text: text)],
            environment: environment,
            catalogue: Catalogue.managers
        ).settings.kestra.secret
    }
}
