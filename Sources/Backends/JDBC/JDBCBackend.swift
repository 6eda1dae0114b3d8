internal import Cryptography
internal import Databases
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Secrets in a table on a server, each sealed for its own tenant, namespace, key and version. The server sees envelopes only.
///
/// Calls share a few connections, each on a thread of its own.
final class JDBCBackend<Connection: DatabaseConnection & ServerTable & ~Copyable>: SecretBackend {
    typealias Pool = DatabasePool<Connection, StoreFailure>

    private let options: JDBCOptions
    private let store: SealedStore
    private let pool: Pool
    /// Whether the tables have been looked at, and the secret is known to be theirs.
    private let isOpen = Atomic(false)
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

    var capabilities: BackendCapabilities { options.isReadOnly ? [.list] : [.list, .write] }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        let store = store
        return try await answer { (connection, call) throws(StoreFailure) in
            try store.get(name, version: version, in: connection, call)
        }
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let store = store
        return try await answer { (connection, call) throws(StoreFailure) in
            try store.list(query, in: connection, call)
        }
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard !options.isReadOnly else { throw .readOnly }
        guard value.count <= EnvelopeLayout.maximumValueBytes else {
            throw .tooLarge(limit: EnvelopeLayout.maximumValueBytes)
        }
        let copy: SharedSecret
        do throws(MemoryError) { copy = SharedSecret(try value.copy(account: .store)) } catch { throw .memory(error) }
        let store = store
        return try await settle(store.pending(write)) { (pending, connection, call) throws(StoreFailure) in
            try store.put(pending, value: copy.value, in: connection, call)
        }
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard !options.isReadOnly else { throw .readOnly }
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
        let (store, isReadOnly) = (store, options.isReadOnly)
        try await perform { (connection, call) throws(StoreFailure) in
            try connection.prepare(create: !isReadOnly, call)
            _ = try store.openCanary(in: connection, whereMissing: isReadOnly ? .accept : .write, call)
        }
        isOpen.store(true, ordering: .releasing)
        if !isReadOnly, !store.keyring.previousIdentifiers.isEmpty { resealer.start() }
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
