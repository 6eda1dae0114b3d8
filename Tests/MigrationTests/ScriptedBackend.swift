import SecretMemory
import Secrets
import Synchronization

/// A manager in memory that goes wrong as it is told. Its values are made up, so they may be looked at.
final class ScriptedBackend: SecretBackend {
    struct Row: Sendable, Equatable {
        var value: String
        var description: String?
        var tags: [String: String] = [:]
    }

    struct State: Sendable {
        var rows: [SecretName: Row] = [:]
        /// Thrown by the next calls that write, the first first; nil: it is done. A write that throws `unavailable` was done.
        var putFailures: [BackendError?] = []
        /// Thrown by each read of a key.
        var getFailures: [String: BackendError] = [:]
        /// How many of the next reads find no locked memory.
        var shortages = 0
        /// What is stored instead of the value of a key.
        var garbles: [String: String] = [:]
        var puts = 0
        /// Reads and writes that are under way, and the most there were.
        var underWay = 0
        var mostUnderWay = 0
    }

    let state = Mutex(State())
    let capabilities: BackendCapabilities
    let keptMetadata: KeptMetadata
    let maximumBytes: Int

    init(
        _ rows: [SecretName: Row] = [:],
        capabilities: BackendCapabilities = [.list, .namespaces, .write],
        keeps: KeptMetadata = .all,
        maximumBytes: Int = 1 << 20
    ) {
        self.capabilities = capabilities
        keptMetadata = keeps
        self.maximumBytes = maximumBytes
        state.withLock { $0.rows = rows }
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    var rows: [SecretName: Row] { state.withLock { $0.rows } }
    var puts: Int { state.withLock { $0.puts } }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        state.withLock { state in
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
        }
        await Task.yield()
        let (row, failure): (Row?, BackendError?) = state.withLock { state in
            state.underWay -= 1
            guard state.shortages == 0 else {
                state.shortages -= 1
                return (state.rows[name], BackendError.memory(.arenaFull))
            }
            return (state.rows[name], state.getFailures[name.key])
        }
        if let failure { throw failure }
        guard let row else { return nil }
        do throws(MemoryError) {
            return FetchedSecret(value: try SecretBytes(copying: row.value.utf8Span.span), version: "1")
        } catch { throw .memory(error) }
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let entries = rows.filter { name, _ in
            name.tenant == query.tenant && name.namespace == query.namespace && query.after < name.key
        }.map { name, row in
            SecretEntry(
                namespace: name.namespace,
                key: name.key,
                version: "1",
                description: keptMetadata.contains(.description) ? row.description : nil,
                tags: keptMetadata.contains(.tags) ? row.tags : [:]
            )
        }.sorted { $0.key < $1.key }
        return ListPage(entries: Array(entries.prefix(query.limit)), hasMore: entries.count > query.limit)
    }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        NamespacePage(of: Set(rows.keys.map { NamespaceName(tenant: $0.tenant, namespace: $0.namespace) }), query)
    }

    func objection(to write: SecretWrite, bytes: Int) -> BackendError? {
        bytes <= maximumBytes ? nil : .tooLarge(limit: maximumBytes)
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        let text = value.withBytes { bytes in
            String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        let failure: BackendError? = state.withLock { state in
            state.puts += 1
            let failure = state.putFailures.isEmpty ? nil : state.putFailures.removeFirst()
            var isDone = failure == nil
            if case .unavailable = failure { isDone = true }
            if isDone {
                state.rows[write.name] = Row(
                    value: state.garbles[write.name.key] ?? text,
                    description: write.description,
                    tags: write.tags
                )
            }
            return failure
        }
        if let failure { throw failure }
        return "1"
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool { throw .readOnly }
    func connect() async throws(BackendError) {}
    func close() async {}
    func place(of name: SecretName) -> String { name.key }
}
