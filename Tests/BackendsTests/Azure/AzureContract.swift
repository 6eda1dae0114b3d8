import ManagerFakes

@testable import Backends

extension ContractSubject {
    static let azure = ContractSubject("Azure Key Vault", ContractPromise.full + [.readOnlyItSendsNoWrite]) {
        let vault = try FakeVault()
        var contract = try await BackendContract.seeded(vault.backend(time: vault.time().source), of: vault)
        contract.maximumBytes = StoredForm.text.limit
        contract.maximumOpaqueBytes = StoredForm.bytes.limit
        contract.readOnly = {
            ReadOnlyAccess(backend: try vault.backend(readOnly: true), fake: vault.fake, harmless: ["/oauth2/"])
        }
        return contract
    }

    static let azureReadOnly = ContractSubject("Azure Key Vault, read-only", ContractPromise.readOnly) {
        let vault = try FakeVault()
        return try await BackendContract.seeded(vault.backend(time: vault.time().source), of: vault)
            .reopened { try vault.backend(readOnly: true) }
    }
}
