import ManagerFakes

@testable import Backends

extension ContractSubject {
    /// Secret Server has its own rules of what it stores: text, without versions and without times.
    static let delinea = ContractSubject("Delinea Secret Server", ContractPromise.full + [.readOnlyItSendsNoWrite]) {
        let scene = try DelineaScene()
        var contract = try await BackendContract.seeded(scene.backend(), of: scene)
        contract.storesBytes = false
        contract.storesEmpty = false
        contract.maximumBytes = DelineaOptions.maximumValueBytes
        contract.namesVersions = false
        contract.listsTimes = false
        contract.readOnly = {
            ReadOnlyAccess(
                backend: try scene.backend("layout: scoped", readOnly: true),
                fake: scene.fake,
                harmless: ["/oauth2/token"]
            )
        }
        return contract
    }
}
