import ManagerFakes

extension ContractSubject {
    static let elasticsearch = ContractSubject("Elasticsearch", ContractPromise.full + [.readOnlyItSendsNoWrite]) {
        let scene = try ElasticsearchScene()
        // A search would see a write too late; who is answered has waited for it.
        try scene.fake.command("refresh-interval", ["seconds": 3600])
        var contract = try await BackendContract.seeded(scene.backend(), of: scene)
        // Rights for reading alone are enough.
        contract.readOnly = {
            let key = try scene.key(["read", "view_index_metadata"])
            return ReadOnlyAccess(backend: try scene.backend(credential: key, readOnly: true), fake: scene.fake)
        }
        return contract
    }
}
