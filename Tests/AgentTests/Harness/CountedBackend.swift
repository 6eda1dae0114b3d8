import SecretMemory
import Secrets
import Synchronization

/// A manager that counts what it is asked, and can be made to wait. The value of a key is its name, unless it was given
/// another; keys that begin with MISSING do not exist.
final class CountedBackend: SecretBackend {
    private struct State {
        var reads: [String: Int] = [:]
        var writes: [SecretName] = []
        var sizes: [String: Int] = [:]
        var heldKeys: Set<String> = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let capabilities: BackendCapabilities = [.list, .write]
    private let state = Mutex(State())

    // MARK: The test's side

    /// How often a key was read.
    func reads(_ key: String) -> Int { state.withLock { $0.reads[key] ?? 0 } }

    var totalReads: Int { state.withLock { $0.reads.values.reduce(0, +) } }

    /// What was written or deleted.
    var writes: [SecretName] { state.withLock { $0.writes } }

    /// Gives a key a value of so many bytes.
    func resize(_ key: String, to count: Int) { state.withLock { $0.sizes[key] = count } }

    /// From now on reads of this key do not return until ``release()``.
    func hold(_ key: String) { _ = state.withLock { $0.heldKeys.insert(key) } }

    func release() {
        let waiting = state.withLock { state in
            state.heldKeys = []
            let waiting = state.waiting
            state.waiting = []
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: The agent's side

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        let (size, isHeld) = state.withLock { state in
            state.reads[name.key, default: 0] += 1
            return (state.sizes[name.key], state.heldKeys.contains(name.key))
        }
        if isHeld { await waitForRelease(name.key) }
        if name.key.hasPrefix("MISSING") { return nil }
        let bytes = size.map { [UInt8](repeating: UInt8(ascii: "x"), count: $0) } ?? Array(name.key.utf8)
        do throws(MemoryError) {
            return FetchedSecret(value: try SecretBytes(copying: bytes.span), version: "1")
        } catch { throw .memory(error) }
    }

    private func waitForRelease(_ key: String) async {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard state.heldKeys.contains(key) else { return false }
                state.waiting.append(continuation)
                return true
            }
            if !mustWait { continuation.resume() }
        }
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        ListPage(entries: [SecretEntry(namespace: query.namespace, key: "LISTED")], hasMore: false)
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        state.withLock { $0.writes.append(write.name) }
        return "2"
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        state.withLock { $0.writes.append(name) }
        return true
    }

    func connect() async throws(BackendError) {}
    func close() async { release() }
    func place(of name: SecretName) -> String { "\(name.tenant)/\(name.namespace)/\(name.key)" }
}
