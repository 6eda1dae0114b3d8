import ManagerFakes

@testable import Backends

extension ContractSubject {
    static let onePassword = ContractSubject(
        "1Password Connect",
        ContractPromise.full + [.readOnlyItSendsNoWrite]
    ) {
        let scene = try OnePasswordScene()
        var contract = try await BackendContract.seeded(scene.backend(), of: scene)
        try scene.put("Typed in by somebody", ["fields": [scene.password("1")]])
        contract.maximumBytes = OnePasswordBackend.maximumValueBytes
        contract.numbersVersionsAnew = true
        contract.listsDescriptions = false
        contract.readOnly = {
            ReadOnlyAccess(backend: try scene.backend("layout: scoped", readOnly: true), fake: scene.fake)
        }
        return contract
    }
}
