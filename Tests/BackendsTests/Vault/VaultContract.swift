import ManagerFakes
import Secrets

@testable import Backends

extension BackendContract {
    /// Vault's own rules of what it stores.
    fileprivate static func vault(_ backend: any SecretBackend, _ scene: VaultScene) async throws -> BackendContract {
        var contract = try await seeded(backend, of: scene)
        contract.oddKeys = [
            "caf\u{e9}", "cafe\u{301}", "with space", "'; DROP TABLE secret; --", "\u{1f511}", "A#C@D?E%41", "..hidden",
        ]
        contract.oddTags = ["application": "payments", "quote\"d": "a \u{1f511}"]
        contract.readOnly = {
            ReadOnlyAccess(backend: try scene.backend("layout: tree", readOnly: true), fake: scene.fake)
        }
        return contract
    }
}

extension ContractSubject {
    static let vault = ContractSubject("Vault, KV version 2", ContractPromise.full + [.readOnlyItSendsNoWrite]) {
        let scene = try VaultScene()
        return try await .vault(scene.backend(), scene)
    }

    /// It has neither versions nor metadata.
    static let vaultVersion1 = ContractSubject(
        "Vault, KV version 1",
        ContractPromise.reading + ContractPromise.listing + [.oddNamesRoundTrip, .valuesThatAreTooLargeAreRefused]
    ) {
        let scene = try VaultScene()
        return try await .vault(scene.backend("engine-version: 1\nroot-engine: kv1"), scene)
    }
}
