internal import Cryptography
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Seals again under the current secret what stands under previous ones, while the agent runs. Versions stay as they
/// are: the values have not changed. Several agents may do it at the same time: each write has its condition, and who
/// is second leaves it.
final class DocumentResealer: Sendable {
    /// Names of one page.
    static let pageSize = 64
    /// The time from one look to the next where there was nothing to do, and where there was.
    static let pause = Duration.seconds(300)
    static let shortPause = Duration.seconds(10)

    private let search: DocumentSearch
    private let reader: DocumentReader
    private let writer: DocumentWriter
    private let previous: Set<KeyIdentifier>
    private let notices: BackendNotices
    private let time: TimeSource
    private let task = Mutex<Task<Void, Never>?>(nil)
    /// What could not be opened and was told of.
    private let toldOf = Mutex<Set<SecretName>>([])

    init(
        search: DocumentSearch,
        reader: DocumentReader,
        writer: DocumentWriter,
        notices: @escaping BackendNotices
    ) {
        self.search = search
        self.reader = reader
        self.writer = writer
        self.notices = notices
        previous = Set(writer.keyring.previousIdentifiers)
        time = writer.time
    }

    /// Begins, where there are previous secrets and it has not begun yet.
    func start() {
        guard !previous.isEmpty else { return }
        task.withLock { task in
            if task == nil { task = Task { await self.run() } }
        }
    }

    func stop() { task.withLock { $0?.cancel() } }

    private func run() async {
        var wasNothingLeft = false
        while !Task.isCancelled {
            var resealed = 0
            var left = 0
            do throws(BackendError) {
                (resealed, left) = try await pass()
                if resealed > 0 { notices("elasticsearch: \(resealed) values are sealed under the new secret") }
                if resealed == 0, left == 0, !wasNothingLeft {
                    notices(
                        """
                        elasticsearch: nothing is sealed under previous-secrets any more; they can go once every agent \
                        has the new secret
                        """
                    )
                }
                wasNothingLeft = resealed == 0 && left == 0
            } catch {
                if !Task.isCancelled { notices("elasticsearch: sealing again was interrupted: \(error)") }
            }
            let pause = resealed > 0 ? Self.shortPause : Self.pause
            try? await time.sleep(pause * Double.random(in: 0.75...1.25))
        }
    }

    /// Once through the index.
    ///
    /// - Returns: how many were sealed again, and how many could not be.
    func pass() async throws(BackendError) -> (resealed: Int, left: Int) {
        var (resealed, left) = (0, 0)
        var last: SecretName?
        while !Task.isCancelled {
            let identifiers = previous.map(\.description).sorted()
            let names = try await search.sealed(under: identifiers, after: last, limit: Self.pageSize)
            for name in names {
                do throws(BackendError) {
                    if try await reseal(name) { resealed += 1 }
                } catch {
                    guard case .malformed = error else { throw error }
                    left += 1
                    let isNew = toldOf.withLock { $0.insert(name).inserted }
                    if isNew { notices("\(error)") }
                }
            }
            guard names.count == Self.pageSize else { break }
            last = names.last
        }
        return (resealed, left)
    }

    /// - Returns: false where it need not be done any more, or somebody else is at it.
    private func reseal(_ name: SecretName) async throws(BackendError) -> Bool {
        guard let current = try await reader.findNow(name), let sealed = current.document.sealed,
            previous.contains(sealed.key)
        else { return false }
        let document = current.document
        let value: SharedSecret
        do throws(EnvelopeError) {
            let context = EnvelopeContext(name, version: document.version)
            value = SharedSecret(try writer.keyring.open(sealed.envelope.span, for: context, account: .store))
        } catch {
            throw writer.place.refusal(error, of: name)
        }
        let again = SealedDocument(
            name: name,
            version: document.version,
            sealed: (try writer.seal(value, name, document.version), writer.keyring.currentIdentifier),
            tags: document.tags,
            description: document.description,
            createdAt: document.createdAt,
            updatedAt: document.updatedAt
        )
        switch try await writer.store(again, replacing: current, isAwaited: false) {
        case .stored: return true
        case .conflict: return false
        case .unknown(let error): throw error
        }
    }
}
