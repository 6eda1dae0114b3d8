internal import Cryptography
internal import Glibc
internal import SQLite
internal import SecretMemory
internal import Secrets

/// What only the writing session does.
///
/// The version is sealed into the envelope, so it has to be known before the row is written: read, seal for the next one,
/// write on condition that the row is still what it was, and begin again where it is not.
extension StoreSession {
    /// How often a write begins again when other processes write the same secret.
    static let writeAttempts = 5

    /// - Returns: the new version.
    func put(_ write: SecretWrite, value: borrowing SecretBytes) throws(StoreFailure) -> String {
        let tags = TagText.encode(write.tags)
        for _ in 0..<Self.writeAttempts {
            let (version, _) = try currentVersion(write.name)
            guard version < Int64.max else {
                throw .refused(.malformed(detail: "key \(write.name.key) has no version left"))
            }
            let next = version + 1
            let envelope: [UInt8]
            do throws(EnvelopeError) {
                envelope = try keyring.seal(value.bytes, for: EnvelopeContext(write.name, version: next))
            } catch {
                throw .envelope(error, name: write.name)
            }
            let written =
                version == 0
                ? try insert(write, envelope, tags) : try update(write, envelope, tags, from: version)
            guard written else { continue }
            floor.raise(write.name, to: next)
            return String(next)
        }
        throw .refused(.conflict)
    }

    /// Leaves a tombstone, so that versions never start again.
    ///
    /// - Returns: false where there was no value.
    func delete(_ name: SecretName) throws(StoreFailure) -> Bool {
        for _ in 0..<Self.writeAttempts {
            let (version, isDeleted) = try currentVersion(name)
            if isDeleted { return false }
            defer { statements.delete.reset() }
            try statements.delete.bind(Self.now(), at: 1)
            try statements.delete.bind(name.tenant, at: 2)
            try statements.delete.bind(name.namespace, at: 3)
            try statements.delete.bind(name.key, at: 4)
            try statements.delete.bind(version, at: 5)
            _ = try statements.delete.step()
            guard connection.changedRows() == 1 else { continue }
            floor.raise(name, to: version + 1)
            return true
        }
        throw .refused(.conflict)
    }

    private func insert(_ write: SecretWrite, _ envelope: [UInt8], _ tags: String) throws(StoreFailure) -> Bool {
        defer { statements.insert.reset() }
        try statements.insert.bind(write.name.tenant, at: 1)
        try statements.insert.bind(write.name.namespace, at: 2)
        try statements.insert.bind(write.name.key, at: 3)
        try statements.insert.bind(keyring.currentIdentifier.bytes, at: 4)
        try statements.insert.bind(envelope, at: 5)
        try statements.insert.bind(tags, at: 6)
        try statements.insert.bind(write.description, at: 7)
        try statements.insert.bind(Self.now(), at: 8)
        _ = try statements.insert.step()
        return connection.changedRows() == 1
    }

    private func update(
        _ write: SecretWrite,
        _ envelope: [UInt8],
        _ tags: String,
        from version: Int64
    ) throws(StoreFailure) -> Bool {
        defer { statements.update.reset() }
        try statements.update.bind(version + 1, at: 1)
        try statements.update.bind(keyring.currentIdentifier.bytes, at: 2)
        try statements.update.bind(envelope, at: 3)
        try statements.update.bind(tags, at: 4)
        try statements.update.bind(write.description, at: 5)
        try statements.update.bind(Self.now(), at: 6)
        try statements.update.bind(write.name.tenant, at: 7)
        try statements.update.bind(write.name.namespace, at: 8)
        try statements.update.bind(write.name.key, at: 9)
        try statements.update.bind(version, at: 10)
        _ = try statements.update.step()
        return connection.changedRows() == 1
    }

    /// Milliseconds since 1970.
    private static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
