import ManagerFakes

@testable import Backends

extension ContractSubject {
    static let doppler = ContractSubject(
        "Doppler",
        ContractPromise.full.filter { $0 != .metadataIsListed } + [.readOnlyItSendsNoWrite]
    ) {
        let scene = try DopplerScene()
        var contract = try await BackendContract.seeded(scene.backend(), of: scene)
        try scene.put("TYPED_IN_BY_SOMEBODY", "1")
        contract.maximumBytes = DopplerBackend.maximumValueBytes
        contract.namesVersions = false
        contract.readOnly = {
            ReadOnlyAccess(backend: try scene.backend("layout: scoped", readOnly: true), fake: scene.fake)
        }
        return contract
    }
}
