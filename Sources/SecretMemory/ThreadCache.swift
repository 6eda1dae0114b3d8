internal import CLinux
internal import Glibc
internal import Synchronization

/// Free blocks that one thread keeps for itself, so that most allocations take no lock. OpenSSL makes thousands of them in
/// one handshake.
///
/// Lives in ordinary memory (it holds pointers, never values), is made on a thread's first use of the arena, and gives
/// everything back when the thread ends.
@unsafe
struct ThreadCache {
    /// Free bytes a thread keeps for each class before it gives half of them back.
    static let bytesPerClass = 16 * 1024
    /// Accounting that may wait on one thread, in bytes, before it is added to the shared account.
    static let pendingLimit = 32 * 1024
    static let slotCount = 32

    @unsafe
    struct Bin {
        var chain: UnsafeMutableRawPointer?
        var count: Int32 = 0
    }

    var bins: UnsafeMutablePointer<Bin>
    var pending: UnsafeMutablePointer<Int>

    /// The calling thread's cache.
    @inline(always)
    static func current() -> UnsafeMutablePointer<ThreadCache> {
        if let cache = unsafe linux_thread_cache_get() {
            return unsafe cache.assumingMemoryBound(to: ThreadCache.self)
        }
        return unsafe make()
    }

    /// Runs at thread exit, long after anything that could allocate on that thread.
    private static let exitKey: pthread_key_t = {
        var key = pthread_key_t()
        let failed = unsafe pthread_key_create(&key) { raw in
            guard let raw = unsafe raw else { return }
            let cache = unsafe raw.assumingMemoryBound(to: ThreadCache.self)
            unsafe Arena.drain(cache)
            linux_thread_cache_set(nil)
            unsafe cache.pointee.bins.deallocate()
            unsafe cache.pointee.pending.deallocate()
            unsafe cache.deallocate()
        }
        precondition(failed == 0, "no thread key is left for the arena")
        return key
    }()

    @inline(never)
    private static func make() -> UnsafeMutablePointer<ThreadCache> {
        unsafe precondition(SizeClass.count <= slotCount)
        let bins = unsafe UnsafeMutablePointer<Bin>.allocate(capacity: slotCount)
        unsafe bins.initialize(repeating: Bin(), count: slotCount)
        let pending = UnsafeMutablePointer<Int>.allocate(capacity: MemoryAccount.allCases.count)
        unsafe pending.initialize(repeating: 0, count: MemoryAccount.allCases.count)
        let cache = UnsafeMutablePointer<ThreadCache>.allocate(capacity: 1)
        unsafe cache.initialize(to: ThreadCache(bins: bins, pending: pending))
        unsafe linux_thread_cache_set(cache)
        unsafe pthread_setspecific(exitKey, cache)
        return unsafe cache
    }
}
