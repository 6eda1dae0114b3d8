internal import Cryptography
internal import SecretMemory
internal import Secrets

/// How far a store has been sealed again.
struct Resealing: Sendable {
    private static let beginning = SecretName(tenant: "", namespace: "", key: "")

    /// Previous secrets whose values are still to be sealed again, the one under way first.
    private(set) var identifiers: [[UInt8]]
    fileprivate(set) var last = Self.beginning
    fileprivate(set) var tally = ResealingTally()

    init(_ keyring: EnvelopeKeyring) { identifiers = keyring.previousIdentifiers.map(\.bytes) }

    var isDone: Bool { identifiers.isEmpty }

    fileprivate mutating func next() {
        identifiers.removeFirst()
        last = Self.beginning
    }
}

/// The secret that a store is sealed with, and the change to another one.
///
/// Versions stay as they are: the values have not changed. Several agents may do it at once, and while others write: a row is
/// replaced only as long as it is what was opened.
extension SealedStore {
    /// Rows of one batch.
    static let batch = 64

    private static let canaryText = Array("the secret of this store is right".utf8)
    /// No secret has version 0, so no secret's row can stand in for the canary.
    private static let canaryContext = EnvelopeContext(tenant: "", namespace: "", key: "", version: 0)

    // MARK: The canary

    /// What to do with a store that has no canary.
    enum MissingCanary {
        case refuse
        case write
        case accept
    }

    /// Makes sure that one of the configured secrets is the store's.
    ///
    /// - Returns: whether it is a previous one, so that the store is to be sealed again.
    func openCanary(
        in table: borrowing some SealedTable & ~Copyable,
        whereMissing: MissingCanary,
        _ call: TableCall
    ) throws(StoreFailure) -> Bool {
        var envelope = try table.canary(call)
        if envelope == nil, whereMissing == .write {
            try table.setCanary(sealedCanary(), replacing: nil, call)
            envelope = try table.canary(call)
        }
        guard let envelope else {
            if whereMissing == .accept { return false }
            throw .refused(place.lostCanary)
        }
        do throws(EnvelopeError) {
            let text = try keyring.open(envelope.span, for: Self.canaryContext, account: .store)
            guard text.count == Self.canaryText.count else { throw .tampered }
            return try keyring.isUnderPrevious(envelope.span)
        } catch {
            throw .refused(place.canaryRefusal(error))
        }
    }

    func sealedCanary() throws(StoreFailure) -> [UInt8] {
        do throws(EnvelopeError) {
            return try keyring.seal(Self.canaryText.span, for: Self.canaryContext)
        } catch {
            throw .envelope(error, name: SecretName(tenant: "", namespace: "", key: ""))
        }
    }

    // MARK: Sealing again

    /// Seals one batch again under the current secret.
    ///
    /// What stands under the next secret is left alone: other agents have begun to use it.
    ///
    /// - Throws: where the store cannot be written. A row that cannot be opened is named in a notice and left as it is.
    func reseal(
        _ progress: Resealing,
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) -> Resealing {
        guard let previous = progress.identifiers.first else { return progress }
        var progress = progress
        let current = keyring.currentIdentifier.bytes
        let page = try table.values(under: previous, after: progress.last, limit: Self.batch, call)
        for stored in page {
            progress.last = stored.name
            guard let envelope = try again(stored) else {
                progress.tally.left += 1
                continue
            }
            if try table.reseal(stored, as: envelope, current, call) { progress.tally.resealed += 1 }
        }
        if page.count < Self.batch { progress.next() }
        return progress
    }

    /// The same value under the current secret; nil where it cannot be opened.
    private func again(_ stored: StoredSecret) throws(StoreFailure) -> [UInt8]? {
        let context = EnvelopeContext(stored.name, version: stored.version)
        do throws(EnvelopeError) {
            let value = try keyring.open(stored.envelope.span, for: context, account: .store)
            return try keyring.seal(value.bytes, for: context)
        } catch {
            switch error {
            case .memory, .library: throw .envelope(error, name: stored.name)
            case .malformed, .unknownKey, .keyMismatch, .tampered, .tooLarge:
                if unopened.note(stored.name) { notices(place.refusal(error, of: stored.name).words) }
                return nil
            }
        }
    }

    /// Seals the canary again, too. It comes last, so that a run that was cut short is taken up again.
    func renewCanary(
        in table: borrowing some SealedTable & ~Copyable,
        _ call: TableCall
    ) throws(StoreFailure) {
        guard let canary = try table.canary(call) else { return }
        do throws(EnvelopeError) {
            guard try keyring.isUnderPrevious(canary.span) else { return }
        } catch {
            throw .refused(place.canaryRefusal(error))
        }
        try table.setCanary(sealedCanary(), replacing: canary, call)
    }
}

extension SealedPlace {
    fileprivate var lostCanary: BackendError {
        .malformed(detail: "\(store) has lost its key check; restore it from a backup")
    }

    fileprivate func canaryRefusal(_ error: EnvelopeError) -> BackendError {
        switch error {
        case .unknownKey(let identifier):
            .denied(
                detail: """
                    \(section).secret is not the secret that \(store) was sealed with (identifier \(identifier)); \
                    configure that one, or add it to \(section).previous-secrets
                    """
            )
        case .memory(let error): .memory(error)
        case .library(let error): .unavailable(detail: "\(error)")
        case .malformed, .keyMismatch, .tampered, .tooLarge:
            .malformed(detail: "the key check of \(store) was changed outside the agent; restore a backup")
        }
    }

    /// An answer was lost, and the row has been changed more than once since.
    func overtaken(_ name: SecretName) -> BackendError {
        .unavailable(
            detail: """
                \(store): the answer to a write of key \(name.key) in namespace \(name.namespace) was lost, and others \
                have written it since; whether it was kept is not known
                """
        )
    }

    func strangeTags(of name: SecretName) -> BackendError {
        .malformed(
            detail: """
                \(store): the tags of key \(name.key) in namespace \(name.namespace) are no JSON object of texts; \
                write the secret again
                """
        )
    }
}
