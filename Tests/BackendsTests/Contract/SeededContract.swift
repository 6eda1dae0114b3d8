import Secrets

extension BackendContract {
    /// One whose backend holds what the promises expect, beside a key that is deleted and others in another namespace and
    /// tenant.
    static func seeded(
        _ backend: any SecretBackend,
        of scene: any Sendable,
        below parent: String = "company"
    ) async throws -> BackendContract {
        func place(_ key: String) -> SecretName { name(key, namespace: parent + ".team") }
        let filling = Array("1".utf8)
        let contract = BackendContract(
            backend: backend,
            known: (name: place("DB_PASSWORD"), value: Array("correct horse".utf8)),
            scene: scene
        )
        for key in contract.keys where key != contract.known.name.key { try await backend.write(place(key), filling) }
        try await backend.write(contract.known.name, contract.known.value)
        try await backend.write(place("DELETED"), filling)
        _ = try await backend.delete(place("DELETED"))
        try await backend.write(name("OTHER", namespace: parent), filling)
        try await backend.write(name("OTHER", namespace: parent + ".team", tenant: "second"), filling)
        return contract
    }

    /// The same secrets by another backend; the one before is closed.
    func reopened(_ backend: () throws -> any SecretBackend) async throws -> BackendContract {
        await self.backend.close()
        return BackendContract(backend: try backend(), known: known, scene: scene)
    }
}
