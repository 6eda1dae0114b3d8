import Secrets

extension FaultSubject {
    static let azure = FaultSubject(
        "Azure Key Vault",
        at: ["/secrets/"],
        [
            Fault("error", ["status": 404, "html": true], "malformed"), Fault("error", ["status": 418], "malformed"),
            Fault("redirect", ["location": "https://localhost/x"], "malformed"), Fault("content-type", "none"),
        ]
    ) { options in
        let vault = try FakeVault(options)
        return FaultScene(
            fake: vault.fake,
            credentials: [vault.detail("client-secret")],
            backend: { try vault.backend($0) },
            fill: { try await vault.backend().write(name("KEY"), Array("made up".utf8)) }
        )
    }
}
