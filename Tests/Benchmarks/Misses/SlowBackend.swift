import SecretMemory
import Secrets
import Synchronization

/// A manager that takes its time, and counts how often it is asked.
final class SlowBackend: ReadOnlyBackend {
    let calls = Atomic(0)

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        calls.add(1, ordering: .relaxed)
        try? await Task.sleep(for: .milliseconds(200))
        do throws(MemoryError) {
            return FetchedSecret(value: try SecretBytes(copying: [UInt8](repeating: 1, count: 64).span), version: "1")
        } catch { throw .memory(error) }
    }
}
