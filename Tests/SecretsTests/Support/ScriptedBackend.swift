import SecretMemory
import Secrets

/// A manager that answers from a script, counts what it is asked, and can be made to wait.
actor ScriptedBackend: SecretBackend {
    enum Answer {
        /// A value of `count` bytes, each of them `mark`.
        case value(mark: UInt8, count: Int = 8, version: String = "1", lifetime: Duration? = nil)
        case none
        case failure(BackendError)
    }

    struct Call: Equatable {
        let name: SecretName
        let version: String?
    }

    nonisolated let capabilities: BackendCapabilities
    private var answers: [SecretName: Answer] = [:]
    private(set) var calls: [Call] = []
    private(set) var writes: [SecretName] = []
    private var writeFailure: BackendError?
    private var isHeld = false
    private var held: [CheckedContinuation<Void, Never>] = []

    init(capabilities: BackendCapabilities = [.list, .write, .versions]) { self.capabilities = capabilities }

    // MARK: The script

    func answer(_ answer: Answer, to key: String = "KEY", in namespace: String, tenant: String = "main") {
        answers[SecretName(tenant: tenant, namespace: namespace, key: key)] = answer
    }

    func failWrites(with error: BackendError?) { writeFailure = error }

    /// From now on a read decides on its answer, and keeps it until ``release()``.
    func hold() { isHeld = true }

    func release() {
        isHeld = false
        let waiting = held
        held = []
        for continuation in waiting { continuation.resume() }
    }

    /// Returns once as many reads have come in since the start, or the test's time is over.
    func reads(_ count: Int) async {
        while calls.count < count, !Task.isCancelled { await Task.yield() }
    }

    var callCount: Int { calls.count }
    var namespacesAsked: [String] { calls.map(\.name.namespace) }

    // MARK: SecretBackend

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        calls.append(Call(name: name, version: version))
        let answer = answers[name] ?? .none
        if isHeld { await withCheckedContinuation { held.append($0) } }
        switch answer {
        case .none: return nil
        case .failure(let error): throw error
        case .value(let mark, let count, let named, let lifetime):
            do throws(MemoryError) {
                return FetchedSecret(
                    value: try .marked(mark, count: count),
                    version: version ?? named,
                    lifetime: lifetime
                )
            } catch { throw .memory(error) }
        }
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let entries = answers.keys.filter { $0.tenant == query.tenant && $0.namespace == query.namespace }
            .map { SecretEntry(namespace: $0.namespace, key: $0.key) }
        return ListPage(entries: entries.sorted { $0.key < $1.key }, hasMore: false)
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        writes.append(write.name)
        let mark = value.bytes.isEmpty ? 0 : value.bytes[0]
        answers[write.name] = .value(mark: mark, version: "written")
        if let writeFailure { throw writeFailure }
        return "written"
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        writes.append(name)
        return answers.removeValue(forKey: name) != nil
    }

    func connect() async throws(BackendError) {}
    func close() async {}

    nonisolated func place(of name: SecretName) -> String { "\(name.tenant)/\(name.namespace)/\(name.key)" }
}

extension SecretBytes {
    /// `count` bytes, each of them `mark`: enough to tell values apart.
    static func marked(_ mark: UInt8, count: Int = 8) throws(MemoryError) -> SecretBytes {
        try SecretBytes(capacity: count) { output in
            for _ in 0..<count { output.append(mark) }
        }
    }
}

extension ResolvedSecret {
    /// The value's mark; 0 for an empty value.
    var mark: UInt8 { value.withBytes { $0.isEmpty ? 0 : $0[0] } }
}
