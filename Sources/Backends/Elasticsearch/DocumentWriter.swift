internal import Cryptography
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Writes documents on the condition that nobody else wrote since they were read. The version is sealed into the value,
/// so it has to be known before the write: read, seal for the next one, write, and begin again where somebody was
/// faster.
struct DocumentWriter: Sendable {
    /// How often a write begins again when others write the same secret, or when no answer came.
    static let attempts = 5
    private static let shortestPause = 0.05
    private static let longestPause = 0.25

    /// What became of a request.
    enum Outcome: Sendable {
        case stored
        /// The document was not the one that was to be replaced.
        case conflict
        /// No answer, or one that says nothing of it: it may be stored.
        case unknown(BackendError)
    }

    let cluster: ElasticsearchCluster
    let reader: DocumentReader
    let index: String
    let place: SealedPlace
    let keyring: EnvelopeKeyring
    let floor: VersionFloor
    let time: TimeSource

    /// - Returns: the version.
    func put(_ write: SecretWrite, _ value: SharedSecret) async throws(BackendError) -> String {
        let tags = DocumentTags.texts(write.tags)
        let written = try await change(write.name) { (current) throws(BackendError) in
            let version = (current?.version ?? 0) + 1
            let envelope = try seal(value, write.name, version)
            let now = ISODate.text(time.wall())
            return SealedDocument(
                name: write.name,
                version: version,
                sealed: (envelope, keyring.currentIdentifier),
                tags: tags,
                description: write.description,
                createdAt: current?.createdAt ?? now,
                updatedAt: now
            )
        }
        return String(written?.version ?? 0)
    }

    /// Leaves the document without a value.
    ///
    /// - Returns: false where there was no value.
    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        let written = try await change(name) { (current) throws(BackendError) in
            guard let current, current.sealed != nil else { return nil }
            return SealedDocument(
                name: name,
                version: current.version + 1,
                sealed: nil,
                createdAt: current.createdAt,
                updatedAt: ISODate.text(time.wall())
            )
        }
        return written != nil
    }

    /// - Parameter current: nil where there must not be any.
    /// - Parameter isAwaited: whether the answer is to come only when lists show it.
    func store(
        _ document: SealedDocument,
        replacing current: StoredDocument?,
        isAwaited: Bool
    ) async throws(BackendError) -> Outcome {
        let identifier = try DocumentIdentifier.of(document.name)
        var path = "/\(index)/_create/\(identifier)?refresh="
        if let current {
            let condition = "if_seq_no=\(current.sequenceNumber)&if_primary_term=\(current.primaryTerm)"
            path = "/\(index)/_doc/\(identifier)?\(condition)&refresh="
        }
        let body = try BackendError.mappingMemory { () throws(MemoryError) in try document.json() }
        let action = "writing document \(identifier)"
        do throws(BackendError) {
            let answer = try await cluster.ask(
                .put,
                path + (isAwaited ? "wait_for" : "false"),
                body: body,
                isRepeatable: false
            )
            if answer.status == 409 { return .conflict }
            // How much a cluster takes it does not say, or the proxy before it: less than this.
            if answer.status == 413, let size = document.sealed?.envelope.count {
                throw .tooLarge(limit: max(0, size - EnvelopeLayout.overhead - 1))
            }
            if answer.status >= 500 { return .unknown(answer.failure(doing: action)) }
            guard answer.isSuccess else { throw answer.failure(doing: action) }
            // A proxy may answer with a success of its own.
            guard let result = answer.json.string(answer.json.node("result")), ["created", "updated"].contains(result)
            else { return .unknown(.unavailable(detail: "\(action) was not answered by Elasticsearch")) }
            return .stored
        } catch {
            guard case .unavailable = error, !Task.isCancelled else { throw error }
            return .unknown(error)
        }
    }

    func seal(_ value: SharedSecret, _ name: SecretName, _ version: Int64) throws(BackendError) -> [UInt8] {
        do throws(EnvelopeError) {
            return try value.withBytes { (bytes) throws(EnvelopeError) in
                try keyring.seal(bytes, for: EnvelopeContext(name, version: version))
            }
        } catch {
            throw place.refusal(error, of: name)
        }
    }

    // MARK: Pieces

    /// - Parameter make: the document that is to follow; nil where nothing is to be written.
    private func change(
        _ name: SecretName,
        _ make: (SealedDocument?) throws(BackendError) -> SealedDocument?
    ) async throws(BackendError) -> SealedDocument? {
        var sent: [SealedDocument] = []
        var failure = BackendError.conflict
        var isUnknown = false
        for attempt in 0...Self.attempts {
            if attempt > 0 {
                try? await time.sleep(.seconds(Double.random(in: Self.shortestPause...Self.longestPause)))
            }
            let current = try await current(name, isAfterUnknown: isUnknown)
            // It was stored although no answer came, or although one did: a request that is repeated on the way,
            // because its connection broke, conflicts with itself.
            if let current, let done = sent.first(where: { $0.isSame(as: current.document) }) { return done }
            guard attempt < Self.attempts else { break }
            guard let next = try make(current?.document) else { return nil }
            sent.append(next)
            switch try await store(next, replacing: current, isAwaited: true) {
            case .stored:
                floor.raise(name, to: next.version)
                return next
            case .conflict: failure = .conflict
            case .unknown(let error):
                isUnknown = true
                failure = error
            }
        }
        throw failure
    }

    private func current(_ name: SecretName, isAfterUnknown: Bool) async throws(BackendError) -> StoredDocument? {
        let known = floor.floor(of: name)
        let current: StoredDocument?
        do throws(BackendError) { current = try await reader.findNow(name) } catch {
            guard isAfterUnknown, case .unavailable(let detail, let retryAfter) = error else { throw error }
            throw .unavailable(
                detail: "\(detail); whether the write before it was done is not known",
                retryAfter: retryAfter
            )
        }
        guard current?.document.version ?? 0 >= known else {
            throw place.rollback(of: name, found: current?.document.version, known: known)
        }
        if let current {
            floor.raise(name, to: current.document.version)
            guard current.document.version < Int64.max else {
                throw .malformed(detail: "key \(name.key) has no version left")
            }
        }
        return current
    }
}
