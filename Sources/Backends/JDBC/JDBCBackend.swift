internal import Cryptography
internal import Databases
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Secrets in a table on a server, each sealed for its own tenant, namespace, key and version. The server sees envelopes only.
///
/// Calls share a few connections, each on a thread of its own.
final class JDBCBackend<Connection: ServerTable & ~Copyable>: SecretBackend {
    typealias Pool = DatabasePool<Connection, StoreFailure>

    private let options: JDBCOptions
    private let store: SealedStore
    private let pool: Pool
    /// Whether the tables have been looked at, and the secret is known to be theirs.
    private let isOpen = Atomic(false)
    /// Of a rehearsal: whether there are no tables, so that nothing is in them.
    private let isAbsent = Atomic(false)
    private let resealer: Resealer

    init(_ options: JDBCOptions, _ store: SealedStore, _ pool: Pool, time: TimeSource) {
        self.options = options
        self.store = store
        self.pool = pool
        resealer = Resealer(section: store.place.section, time: time, notices: store.notices) {
            () throws(BackendError) in
            do throws(StoreFailure) { return try await Self.resealAll(options, store, pool) } catch {
                throw error.explained(store.place)
            }
        }
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        options.isReadOnly ? [.list, .namespaces] : [.list, .namespaces, .write]
    }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        let store = store
        if try await isEmpty() { return nil }
        return try await answer { (connection, call) throws(StoreFailure) in
            try store.get(name, version: version, in: connection, call)
        }
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let store = store
        if try await isEmpty() { return ListPage(entries: [], hasMore: false) }
        return try await answer { (connection, call) throws(StoreFailure) in
            try store.list(query, in: connection, call)
        }
    }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        let store = store
        if try await isEmpty() { return NamespacePage(namespaces: [], hasMore: false) }
        return try await answer { (connection, call) throws(StoreFailure) in
            try store.namespaces(query, in: connection, call)
        }
    }

    func objection(to write: SecretWrite, bytes: Int) -> BackendError? {
        EnvelopeLayout.objection(isReadOnly: options.isReadOnly, bytes: bytes) ?? write.objectionOfTexts
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard options.mayChange else { throw .readOnly }
        if let objection = objection(to: write, bytes: value.count) { throw objection }
        let copy: SharedSecret
        do throws(MemoryError) { copy = SharedSecret(try value.copy(account: .store)) } catch { throw .memory(error) }
        let store = store
        return try await settle(store.pending(write)) { (pending, connection, call) throws(StoreFailure) in
            try store.put(pending, value: copy.value, in: connection, call)
        }
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard options.mayChange else { throw .readOnly }
        let store = store
        return try await settle(PendingDeletion(name: name)) { (pending, connection, call) throws(StoreFailure) in
            try store.delete(pending, in: connection, call)
        }
    }

    func connect() async throws(BackendError) {
        do throws(StoreFailure) { try await prepare() } catch { throw explained(error) }
    }

    func close() async {
        resealer.stop()
        await pool.close()
    }

    func place(of name: SecretName) -> String {
        "\(options.table) tenant=\(name.tenant) namespace=\(name.namespace) name=\(name.key)"
    }

    // MARK: The tables

    private func prepare() async throws(StoreFailure) {
        let (store, mayChange) = (store, options.mayChange)
        do throws(StoreFailure) {
            try await perform { (connection, call) throws(StoreFailure) in
                try connection.prepare(create: mayChange, call)
                _ = try store.openCanary(in: connection, whereMissing: mayChange ? .write : .accept, call)
            }
            isAbsent.store(false, ordering: .releasing)
        } catch {
            guard options.purpose == .rehearsing, !options.isReadOnly, error.databaseKind == .missingTable else {
                throw error
            }
            isAbsent.store(true, ordering: .releasing)
        }
        isOpen.store(true, ordering: .releasing)
        if mayChange, !store.keyring.previousIdentifiers.isEmpty { resealer.start() }
    }

    /// Once through the table, a batch at a time, so that others get the connection in between.
    private static func resealAll(
        _ options: JDBCOptions,
        _ store: SealedStore,
        _ pool: Pool
    ) async throws(StoreFailure) -> ResealingTally {
        var progress = Resealing(store.keyring)
        while !progress.isDone {
            let before = progress
            let call = options.call(until: .now.advanced(by: options.callLimit))
            progress = try await pool.perform(deadline: call.deadline) { (connection) throws(StoreFailure) in
                let progress = try store.reseal(before, in: connection, call)
                if progress.isDone { try store.renewCanary(in: connection, call) }
                return progress
            }
        }
        return progress.tally
    }

    /// Whether it is known without asking that there is nothing.
    private func isEmpty() async throws(BackendError) -> Bool {
        guard options.purpose == .rehearsing else { return false }
        if !isOpen.load(ordering: .acquiring) { try await connect() }
        return isAbsent.load(ordering: .acquiring)
    }

    private func explained(_ failure: StoreFailure) -> BackendError {
        // Somebody may have dropped or changed the tables.
        if failure.databaseKind == .missingTable { isOpen.store(false, ordering: .releasing) }
        return failure.explained(store.place)
    }

    // MARK: Calls

    /// Runs `body` on one of the pool's threads.
    private func perform<Success: ~Copyable & Sendable>(
        _ body: @escaping @Sendable (borrowing Connection, TableCall) throws(StoreFailure) -> Success
    ) async throws(StoreFailure) -> Success {
        let call = options.call(until: .now.advanced(by: options.callLimit))
        return try await pool.perform(deadline: call.deadline) { (connection) throws(StoreFailure) in
            try body(connection, call)
        }
    }

    private func answer<Success: ~Copyable & Sendable>(
        _ body: @escaping @Sendable (borrowing Connection, TableCall) throws(StoreFailure) -> Success
    ) async throws(BackendError) -> Success {
        do throws(StoreFailure) {
            if !isOpen.load(ordering: .acquiring) { try await prepare() }
            return try await perform(body)
        } catch {
            throw explained(error)
        }
    }

    /// Tries a write until it is known what became of it.
    private func settle<Pending: Sendable, Answer: Sendable>(
        _ first: Pending,
        _ step:
            @escaping @Sendable (Pending, borrowing Connection, TableCall) throws(StoreFailure) -> WriteStep<
                Pending, Answer
            >
    ) async throws(BackendError) -> Answer {
        var pending = first
        var patience = WritePatience(until: .now.advanced(by: options.callLimit))
        do throws(StoreFailure) {
            if !isOpen.load(ordering: .acquiring) { try await prepare() }
            while true {
                do throws(StoreFailure) {
                    let current = pending
                    let outcome = try await perform { (connection, call) throws(StoreFailure) in
                        try step(current, connection, call)
                    }
                    switch outcome {
                    case .done(let answer): return answer
                    case .again(let next, let reason):
                        pending = next
                        if let reason { try patience.lostAnswer(reason) } else { try patience.raced() }
                    }
                } catch {
                    try patience.failed(error, at: store.place)
                }
                await patience.pause()
            }
        } catch {
            throw explained(error)
        }
    }
}
