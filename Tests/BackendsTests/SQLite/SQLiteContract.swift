import Backends

extension ContractSubject {
    static let sqlite = ContractSubject("SQLite", ContractPromise.full) {
        let directory = try TemporaryDirectory()
        return try await BackendContract.seeded(store(directory.file("store.db")), of: directory)
    }

    static let sqliteReadOnly = ContractSubject("SQLite, read-only", ContractPromise.readOnly) {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.db")
        return try await BackendContract.seeded(store(path), of: directory)
            .reopened { try store(path, options: { $0.isReadOnly = true }) }
    }
}
