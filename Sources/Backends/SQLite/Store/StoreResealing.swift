internal import Cryptography
internal import SQLite
internal import SecretMemory
internal import Secrets

/// Seals a store again under the current secret, after the operator moved the old one to the previous secrets.
///
/// Versions stay as they are: the values have not changed. The canary comes last, so that a run that was cut short is
/// taken up again at the next start.
enum StoreResealing {
    /// Rows of one transaction.
    static let batch = 64

    /// - Throws: where the store cannot be written. A row that cannot be opened is named in a notice and left as it is.
    static func run(
        on connection: borrowing StoreConnection,
        keyring: EnvelopeKeyring,
        file: String,
        notices: BackendNotices
    ) throws(StoreFailure) {
        let select = try connection.prepare(
            """
            SELECT tenant, namespace, name, version, envelope FROM secret
             WHERE key_id <> ?1 AND (tenant, namespace, name) > (?2, ?3, ?4)
             ORDER BY tenant, namespace, name LIMIT ?5
            """
        )
        let update = try connection.prepare(
            """
            UPDATE secret SET key_id = ?1, envelope = ?2
             WHERE tenant = ?3 AND namespace = ?4 AND name = ?5 AND version = ?6
            """
        )
        var last = SecretName(tenant: "", namespace: "", key: "")
        var resealed = 0
        var left = 0
        var isDone = false
        while !isDone {
            try connection.transaction { () throws(StoreFailure) in
                let rows = try read(select, after: last, keyring, file: file, notices: notices)
                isDone = rows.count < batch
                for row in rows {
                    last = row.name
                    guard let envelope = row.envelope else {
                        left += 1
                        continue
                    }
                    try write(update, row, envelope, keyring)
                    resealed += 1
                }
            }
        }
        try StoreSchema.writeCanary(connection, keyring)
        if left == 0 {
            notices(
                "\(file): \(resealed) values are sealed under the new secret; sqlite.previous-secrets is not needed any more"
            )
        } else {
            notices("\(file): \(resealed) values are sealed under the new secret, \(left) could not be opened")
        }
    }

    private struct Row {
        let name: SecretName
        let version: Int64
        /// Under the current secret; nil where the old one could not be opened.
        let envelope: [UInt8]?
    }

    private static func read(
        _ select: borrowing StoreStatement,
        after last: SecretName,
        _ keyring: EnvelopeKeyring,
        file: String,
        notices: BackendNotices
    ) throws(StoreFailure) -> [Row] {
        defer { select.reset() }
        try select.bind(keyring.currentIdentifier.bytes, at: 1)
        try select.bind(last.tenant, at: 2)
        try select.bind(last.namespace, at: 3)
        try select.bind(last.key, at: 4)
        try select.bind(Int64(batch), at: 5)
        var rows: [Row] = []
        while try select.step() {
            let name = SecretName(tenant: select.text(at: 0), namespace: select.text(at: 1), key: select.text(at: 2))
            let version = select.number(at: 3)
            let context = EnvelopeContext(name, version: version)
            var envelope: [UInt8]?
            do throws(EnvelopeError) {
                envelope = try select.withBytes(at: 4) { (old) throws(EnvelopeError) in
                    let value = try keyring.open(old, for: context, account: .store)
                    return try keyring.seal(value.bytes, for: context)
                }
            } catch {
                switch error {
                case .memory, .library: throw .envelope(error, name: name)
                case .malformed, .unknownKey, .keyMismatch, .tampered, .tooLarge:
                    notices("\(StoreFailure.envelope(error, name: name).explained(file: file, busyTimeout: .zero))")
                }
            }
            rows.append(Row(name: name, version: version, envelope: envelope))
        }
        return rows
    }

    private static func write(
        _ update: borrowing StoreStatement,
        _ row: Row,
        _ envelope: [UInt8],
        _ keyring: EnvelopeKeyring
    ) throws(StoreFailure) {
        defer { update.reset() }
        try update.bind(keyring.currentIdentifier.bytes, at: 1)
        try update.bind(envelope, at: 2)
        try update.bind(row.name.tenant, at: 3)
        try update.bind(row.name.namespace, at: 4)
        try update.bind(row.name.key, at: 5)
        try update.bind(row.version, at: 6)
        _ = try update.step()
    }
}
