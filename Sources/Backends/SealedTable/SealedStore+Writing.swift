internal import Cryptography
internal import SecretMemory
internal import Secrets

/// What became of one try to write.
enum WriteStep<Pending: Sendable, Answer: Sendable>: Sendable {
    case done(Answer)
    /// To be tried again: the row was changed by somebody else, or it is not known what the database did.
    case again(Pending, because: StoreFailure?)
}

/// A value that is to be written.
struct PendingPut: Sendable {
    let write: SecretWrite
    let tags: String
    /// What was sent without an answer: the row shows whether it arrived.
    var open: [OpenPut] = []

    struct OpenPut: Sendable {
        let version: Int64
        /// No two envelopes are alike, so that ours is recognised.
        let envelope: [UInt8]
    }
}

/// A secret that is to be deleted.
struct PendingDeletion: Sendable {
    let name: SecretName
    /// Versions of tombstones that were sent for without an answer.
    var open: [Int64] = []
}

/// Writing.
///
/// A version has to be known before it is sealed: read, seal for the next one, write on condition that the row is still what it
/// was, and begin again where it is not. Where the answer to a write is lost, reading shows what became of it; a write that
/// is still on its way cannot come later than another one that succeeded, because of its condition.
extension SealedStore {
    /// How often a write begins again when others write the same secret.
    static let writeAttempts = 5

    func pending(_ write: SecretWrite) -> PendingPut {
        PendingPut(write: write, tags: TagText.encode(defaultTags.merging(write.tags) { _, chosen in chosen }))
    }

    /// Tries once.
    ///
    /// - Returns: the new version where it is done.
    func put(
        _ pending: PendingPut,
        value: borrowing SecretBytes,
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) -> WriteStep<PendingPut, String> {
        var pending = pending
        let name = pending.write.name
        let row = try row(of: name, in: table, call)
        let version = row?.version ?? 0
        if let envelope = row?.envelope,
            pending.open.contains(where: { $0.version == version && $0.envelope == envelope })
        {
            return .done(String(version))
        }
        // Somebody else made that version, and ours can make none.
        pending.open.removeAll { $0.version == version }
        guard !pending.open.contains(where: { $0.version < version }) else { throw .refused(place.overtaken(name)) }
        guard version < Int64.max else {
            throw .refused(.malformed(detail: "key \(name.key) has no version left"))
        }
        let content = StoredContent(
            name: name,
            envelope: try seal(value, for: name, version + 1),
            identifier: keyring.currentIdentifier.bytes,
            tags: pending.tags,
            description: pending.write.description
        )
        do throws(StoreFailure) {
            let isWritten =
                version == 0
                ? try table.insert(content, call) : try table.update(content, from: version, call)
            guard isWritten else { return .again(pending, because: nil) }
        } catch {
            guard error.leavesOpenWhatHappened else { throw error }
            pending.open.append(PendingPut.OpenPut(version: version + 1, envelope: content.envelope))
            return .again(pending, because: error)
        }
        floor.raise(name, to: version + 1)
        return .done(String(version + 1))
    }

    /// Tries once. Leaves a tombstone, so that versions never start again.
    ///
    /// - Returns: false where there was no value.
    func delete(
        _ pending: PendingDeletion,
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) -> WriteStep<PendingDeletion, Bool> {
        var pending = pending
        let name = pending.name
        guard let row = try row(of: name, in: table, call) else { return .done(false) }
        // Whose tombstone it is does not show. It is what was asked for.
        guard row.envelope != nil else { return .done(!pending.open.isEmpty) }
        pending.open.removeAll { $0 == row.version }
        guard !pending.open.contains(where: { $0 < row.version }) else { throw .refused(place.overtaken(name)) }
        do throws(StoreFailure) {
            guard try table.bury(name, at: row.version, call) else { return .again(pending, because: nil) }
        } catch {
            guard error.leavesOpenWhatHappened else { throw error }
            pending.open.append(row.version + 1)
            return .again(pending, because: error)
        }
        floor.raise(name, to: row.version + 1)
        return .done(true)
    }

    private func seal(
        _ value: borrowing SecretBytes,
        for name: SecretName,
        _ version: Int64
    ) throws(StoreFailure) -> [UInt8] {
        do throws(EnvelopeError) {
            return try keyring.seal(value.bytes, for: EnvelopeContext(name, version: version))
        } catch {
            throw .envelope(error, name: name)
        }
    }
}
