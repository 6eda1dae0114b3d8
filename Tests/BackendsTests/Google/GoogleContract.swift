import ManagerFakes

@testable import Backends

extension BackendContract {
    fileprivate static func google(_ scene: GoogleScene) async throws -> BackendContract {
        var contract = try await seeded(scene.backend(), of: scene)
        contract.maximumBytes = GoogleBackend.maximumValueBytes
        // Labels have letters and digits only; see the page of this manager.
        contract.oddTags = ["application": "payments", "empty": "", "\u{e9}quipe_1": "\u{6771}\u{4eac}-2"]
        contract.numbersVersionsAnew = true
        contract.listsTimes = false
        contract.readOnly = {
            ReadOnlyAccess(backend: try scene.backend(readOnly: true), fake: scene.fake, harmless: ["/token"])
        }
        return contract
    }
}

extension ContractSubject {
    static let google = ContractSubject(
        "Google Secret Manager",
        ContractPromise.full + [.readOnlyItSendsNoWrite]
    ) { try await .google(GoogleScene()) }

    static let googleEmptyPages = ContractSubject(
        "Google Secret Manager with pages that are empty",
        ContractPromise.listing
    ) {
        let scene = try GoogleScene()
        let contract = try await BackendContract.google(scene)
        try scene.fake.command("paging", ["empty_pages": 2])
        return contract
    }
}
