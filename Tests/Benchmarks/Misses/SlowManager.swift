import SecretMemory
import Secrets
import Synchronization

/// A manager that takes its time, and counts how often it is asked.
final class SlowManager: SecretBackend {
    let calls = Atomic(0)
    let capabilities: BackendCapabilities = []

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        calls.add(1, ordering: .relaxed)
        try? await Task.sleep(for: .milliseconds(200))
        do throws(MemoryError) {
            return FetchedSecret(value: try SecretBytes(copying: [UInt8](repeating: 1, count: 64).span), version: "1")
        } catch { throw .memory(error) }
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage { throw Self.unsupported }
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        throw Self.unsupported
    }
    func delete(_ name: SecretName) async throws(BackendError) -> Bool { throw Self.unsupported }
    func connect() async throws(BackendError) {}
    func close() async {}

    private static var unsupported: BackendError { .unsupported(detail: "values are read only") }
}
