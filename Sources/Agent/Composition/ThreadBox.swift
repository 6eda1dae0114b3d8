internal import SecretMemory
internal import Synchronization

/// A class box: a thread's handle cannot be copied into an array.
final class ThreadBox: Sendable {
    private let thread: Mutex<DedicatedThread?>

    init(_ thread: consuming sending DedicatedThread) { self.thread = Mutex(thread) }

    func join() {
        var taken: DedicatedThread? = nil
        thread.withLock { swap(&$0, &taken) }
        taken.take()?.join()
    }
}
