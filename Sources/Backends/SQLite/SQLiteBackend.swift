internal import BlockingCalls
package import Cryptography
internal import SQLite
package import SecretMemory
package import Secrets
internal import Synchronization

/// Secrets in a file on this machine, each sealed for its own tenant, namespace, key and version.
///
/// One thread writes and a few read, each with a connection of its own. Calls wait in bounded queues.
package final class SQLiteBackend: SecretBackend {
    private let options: SQLiteOptions
    private let store: SealedStore
    private let writer: CallQueue<StoreWorker>
    private let readers: CallQueue<StoreWorker>
    /// Whether the writer has made and checked the file, without which readers would find nothing.
    private let isOpen = Atomic(false)
    /// Of a rehearsal: whether there is no file, so that nothing is in it.
    private var isAbsent: Bool { options.purpose == .rehearsing && !SQLiteFile.exists(options.path) }

    /// Starts the threads. The file is opened by ``connect()``, or by the first call.
    ///
    /// - Throws: where SQLite cannot be made to use locked memory, or no thread can be had.
    package convenience init(
        options: SQLiteOptions,
        keyring: EnvelopeKeyring,
        notices: @escaping BackendNotices = { _ in }
    ) throws(BackendError) {
        let place = SealedPlace(store: options.path, section: "sqlite")
        try self.init(options, SealedStore(keyring: keyring, place: place, notices: notices))
    }

    init(_ options: SQLiteOptions, _ store: SealedStore) throws(BackendError) {
        do throws(SQLiteError) { try SQLiteMemory.install() } catch {
            throw .unavailable(
                detail: "SQLite was started before its memory could be placed in locked memory (code \(error.code))"
            )
        }
        self.options = options
        self.store = store
        writer = CallQueue(limit: options.queueLimit)
        readers = CallQueue(limit: options.queueLimit)
        try start(.writer, on: writer)
        let range = SQLiteOptions.readerRange
        for _ in 0..<min(max(options.readers, range.lowerBound), range.upperBound) { try start(.reader, on: readers) }
    }

    private func start(_ role: StoreSession.Role, on queue: CallQueue<StoreWorker>) throws(BackendError) {
        let (options, store) = (options, store)
        let thread = role == .writer ? "store-writer" : "store-reader"
        do throws(DedicatedThread.Refusal) {
            try queue.start(thread) {
                StoreWorker(role, store, options)
            }
        } catch {
            throw .unavailable(detail: "no thread could be started for the store: \(StoreFailure.words(error.code))")
        }
    }

    /// Threads hold the queues and not the backend, so a backend that was never closed ends them here.
    deinit {
        writer.stop()
        readers.stop()
    }

    // MARK: SecretBackend

    package var capabilities: BackendCapabilities {
        options.isReadOnly ? [.list, .namespaces] : [.list, .namespaces, .write]
    }

    package func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        try await open()
        if isAbsent { return nil }
        let store = store
        return try await call(readers) { (session) throws(StoreFailure) in
            try store.get(name, version: version, in: session, .embedded)
        }
    }

    package func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        try await open()
        if isAbsent { return ListPage(entries: [], hasMore: false) }
        let store = store
        return try await call(readers) { (session) throws(StoreFailure) in
            try store.list(query, in: session, .embedded)
        }
    }

    package func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        try await open()
        if isAbsent { return NamespacePage(namespaces: [], hasMore: false) }
        let store = store
        return try await call(readers) { (session) throws(StoreFailure) in
            try store.namespaces(query, in: session, .embedded)
        }
    }

    package func objection(to write: SecretWrite, bytes: Int) -> BackendError? {
        EnvelopeLayout.objection(isReadOnly: options.isReadOnly, bytes: bytes)
    }

    package func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard options.mayChange else { throw .readOnly }
        if let objection = objection(to: write, bytes: value.count) { throw objection }
        let copy: SharedSecret
        do throws(MemoryError) { copy = SharedSecret(try value.copy(account: .store)) } catch { throw .memory(error) }
        try await open()
        let store = store
        return try await call(writer) { (session) throws(StoreFailure) in
            try Self.settled(store.pending(write)) { (pending) throws(StoreFailure) in
                try store.put(pending, value: copy.value, in: session, .embedded)
            }
        }
    }

    package func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard options.mayChange else { throw .readOnly }
        try await open()
        let store = store
        return try await call(writer) { (session) throws(StoreFailure) in
            try Self.settled(PendingDeletion(name: name)) { (pending) throws(StoreFailure) in
                try store.delete(pending, in: session, .embedded)
            }
        }
    }

    /// Tries again where another process was faster.
    private static func settled<Pending, Answer>(
        _ first: Pending,
        _ step: (Pending) throws(StoreFailure) -> WriteStep<Pending, Answer>
    ) throws(StoreFailure) -> Answer {
        var pending = first
        for _ in 0..<SealedStore.writeAttempts {
            switch try step(pending) {
            case .done(let answer): return answer
            case .again(_, because: .some(let error)): throw error
            case .again(let next, because: nil): pending = next
            }
        }
        throw .refused(.conflict)
    }

    package func connect() async throws(BackendError) {
        if isAbsent { return }
        try await call(writer) { (_) throws(StoreFailure) in }
        isOpen.store(true, ordering: .releasing)
        try await call(readers) { (_) throws(StoreFailure) in }
    }

    package func close() async {
        await readers.close()
        // The writer is last, so that its close moves the log into the file and removes it.
        await writer.close()
    }

    package func place(of name: SecretName) -> String {
        "tenant=\(name.tenant) namespace=\(name.namespace) name=\(name.key)"
    }

    private func open() async throws(BackendError) {
        if !isOpen.load(ordering: .acquiring) { try await connect() }
    }

    /// Runs `body` on one of the queue's threads.
    private func call<Success: ~Copyable & Sendable>(
        _ queue: CallQueue<StoreWorker>,
        _ body: @escaping @Sendable (StoreSession) throws(StoreFailure) -> Success
    ) async throws(BackendError) -> Success {
        try await queue.call(refused: Self.explain) { (worker) throws(BackendError) in try worker.perform(body) }
    }

    @Sendable
    private static func explain(_ refusal: CallQueue<StoreWorker>.Refusal) -> BackendError {
        switch refusal {
        case .closed: .unavailable(detail: "the store is closed")
        case .full: .throttled(retryAfter: .milliseconds(100))
        case .cancelled: .unavailable(detail: "the caller gave up")
        }
    }
}
