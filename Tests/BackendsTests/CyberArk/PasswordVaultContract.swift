import ManagerFakes

@testable import Backends

extension ContractSubject {
    /// Accounts have short secrets, no versions and no description; their tags are properties that the platform has.
    static let passwordVault = ContractSubject(
        "CyberArk Privileged Access Manager",
        ContractPromise.full.filter { $0 != .metadataIsListed } + [.readOnlyItSendsNoWrite]
    ) {
        let scene = try CyberArkScene(.cyberark)
        var contract = try await BackendContract.seeded(scene.backend(), of: scene)
        contract.maximumBytes = PasswordVaultOptions.maximumValueBytes
        contract.maximumOpaqueBytes = (PasswordVaultOptions.maximumValueBytes - TextForm.marker.utf8.count) / 4 * 3
        contract.namesVersions = false
        contract.readOnly = {
            ReadOnlyAccess(
                backend: try scene.backend("layout: scoped", readOnly: true),
                fake: scene.fake,
                harmless: ["/Logon", "/Retrieve"]
            )
        }
        return contract
    }
}
