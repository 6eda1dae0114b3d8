import SecretMemory
import Secrets
import Synchronization

/// A manager whose values all live until the same moment. It remembers where the last one lies.
final class TemporaryValues: ReadOnlyBackend {
    private struct State {
        var due = BootInstant.distantFuture
        var lastPlace: UInt = 0
    }

    private let state = Mutex(State())

    /// When the values that are fetched from now on have to be gone.
    var due: BootInstant {
        get { state.withLock { $0.due } }
        set { state.withLock { $0.due = newValue } }
    }

    /// The address of the value that was fetched last.
    var lastPlace: UInt { state.withLock { $0.lastPlace } }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        let value: SecretBytes
        do throws(MemoryError) {
            value = try SecretBytes(copying: [UInt8](repeating: 0xa7, count: WatchedValue.byteCount).span)
        } catch { throw .memory(error) }
        let place = unsafe value.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let due = state.withLock { state in
            state.lastPlace = place
            return state.due
        }
        let lifetime = Duration.nanoseconds(due.nanoseconds(since: .now))
        return FetchedSecret(value: value, version: "1", lifetime: lifetime)
    }
}
