internal import Databases
internal import SecretMemory
internal import Secrets

// What the rows are made into that the statements of ``TableStatements`` answer with.

extension StoredRow: FetchableRecord {
    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure) {
        version = try row.version(at: 0)
        envelope = try row.bytes(at: 1)
        tags = try row.text(at: 2) ?? ""
    }
}

extension StoredEntry: FetchableRecord {
    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure) {
        key = try row.text(at: 0) ?? ""
        version = try row.version(at: 1)
        tags = try row.text(at: 2) ?? ""
        description = try row.text(at: 3)
        updatedAt = try row.time(at: 4) ?? 0
    }
}

extension StoredSecret: FetchableRecord {
    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure) {
        name = SecretName(
            tenant: try row.text(at: 0) ?? "",
            namespace: try row.text(at: 1) ?? "",
            key: try row.text(at: 2) ?? ""
        )
        version = try row.version(at: 3)
        envelope = try row.bytes(at: 4) ?? []
    }
}

struct StoredNamespace: FetchableRecord {
    let name: NamespaceName

    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure) {
        name = NamespaceName(tenant: try row.text(at: 0) ?? "", namespace: try row.text(at: 1) ?? "")
    }
}

struct StoredCanary: FetchableRecord {
    let envelope: [UInt8]?

    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure) { envelope = try row.bytes(at: 0) }
}

extension DatabaseRow where Self: ~Copyable {
    borrowing func version(at column: Int) throws(Failure) -> Int64 {
        guard let version = try number(at: column) else {
            throw Failure(DatabaseError(.malformed, "a row has no version"))
        }
        return version
    }

    /// A copy of bytes that are no secret; nil for NULL.
    borrowing func bytes(at column: Int) throws(Failure) -> [UInt8]? {
        try withBytes(at: column) { (bytes) throws(Failure) -> [UInt8]? in
            guard let bytes else { return nil }
            return [UInt8](copying: bytes)
        }
    }
}
