import ManagerFakes

@testable import Backends

extension ContractSubject {
    /// Secrets Safe has its own rules of what it stores: short texts, without versions.
    static let beyondTrust = ContractSubject(
        "BeyondTrust Secrets Safe",
        ContractPromise.full + [.readOnlyItSendsNoWrite]
    ) {
        let scene = try BeyondTrustScene()
        var contract = try await BackendContract.seeded(scene.backend(), of: scene)
        contract.storesBytes = false
        contract.storesEmpty = false
        contract.maximumBytes = BeyondTrustOptions.maximumTextCharacters
        contract.namesVersions = false
        contract.readOnly = {
            ReadOnlyAccess(
                backend: try scene.backend("layout: scoped", readOnly: true),
                fake: scene.fake,
                harmless: ["SignAppIn"]
            )
        }
        return contract
    }
}
