extension ContractSubject {
    static func jdbc(_ kind: JDBCKind) -> ContractSubject {
        ContractSubject("A store in \(kind)", ContractPromise.full) {
            let scene = try JDBCScene(kind)
            return try await .seeded(scene.backend(), of: scene)
        }
    }

    static func jdbcReadOnly(_ kind: JDBCKind) -> ContractSubject {
        ContractSubject("A store in \(kind), read-only", ContractPromise.readOnly) {
            let scene = try JDBCScene(kind)
            return try await BackendContract.seeded(scene.backend(), of: scene)
                .reopened { try scene.backend(readOnly: true) }
        }
    }
}
