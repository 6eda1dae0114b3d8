import ManagerFakes

@testable import Backends

extension ContractSubject {
    /// Variables are never empty, a write does not say its version, and a variable that is made again begins anew.
    static let conjur = ContractSubject("CyberArk Conjur", ContractPromise.full + [.readOnlyItSendsNoWrite]) {
        let scene = try CyberArkScene(.conjur)
        var contract = try await BackendContract.seeded(scene.backend(), of: scene)
        try scene.fake.command("put", ["id": "kestra/main/company.team/EMPTY"])
        contract.storesEmpty = false
        contract.maximumBytes = ConjurOptions.maximumValueBytes
        contract.namesVersions = false
        contract.listsTimes = false
        contract.readOnly = {
            let login = scene.lines("account", "username", "api-key", "policy-path")
            return ReadOnlyAccess(
                backend: try scene.backend(login: login, "layout: scoped", readOnly: true),
                fake: scene.fake,
                harmless: ["/authenticate"]
            )
        }
        return contract
    }
}
