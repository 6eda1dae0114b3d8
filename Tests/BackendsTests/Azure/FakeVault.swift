import Configuration
import ManagerFakes
import Secrets

@testable import Backends

/// The fake that Azure's own libraries have judged, and backends that are configured for it.
///
/// Its vault is `acme.vault.localhost`, so that the challenge's resource can be verified as for a real one.
struct FakeVault {
    let fake: FakeServer

    init(_ options: [String: String] = [:]) throws { fake = try FakeServer(.azure, options: options) }

    func detail(_ name: String) -> String { fake.details[name] ?? "" }

    /// The application's password, as the section has it.
    var application: String {
        """
        client-secret:
          tenant-id: \(detail("tenant-id"))
          client-id: \(detail("client-id"))
          client-secret: \(detail("client-secret"))
        """
    }

    func backend(
        _ section: String = "",
        credential: String? = nil,
        readOnly: Bool = false,
        environment: FixedEnvironment = [:],
        notices: NoticeLog = NoticeLog(),
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        try AzureScene.backend(
            """
            key-vault-uri: \(detail("vault-address"))
            authority-host: \(detail("authority-host"))
            tls: {ca: \(fake.authority)}
            \(credential ?? application)
            \(section)
            """,
            readOnly: readOnly,
            environment: environment,
            notices: notices,
            time: time
        )
    }

    /// Time that passes at the fake as it does here.
    func time() -> VaultTime {
        let fake = fake
        return VaultTime { duration in
            try? fake.advance(seconds: Double(duration.nanoseconds) / 1e9)
        }
    }
}
