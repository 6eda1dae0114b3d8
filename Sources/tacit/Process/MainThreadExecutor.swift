internal import Glibc
internal import Synchronization

/// Runs a task on the main thread.
///
/// An asynchronous `main` would leave the main thread to the dispatch library, which unblocks its signals: SIGTERM would then
/// end the agent where it stands. And whoever waits for signals must not do so on a thread of the cooperative pool.
@safe
// Sound: the semaphore is made for several threads.
final class MainThreadExecutor: TaskExecutor, @unchecked Sendable {
    private let jobs = Mutex<[UnownedJob]>([])
    private let isDone = Atomic(false)
    private let waiting = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    private init() { unsafe sem_init(waiting, 0, 0) }

    deinit {
        unsafe sem_destroy(waiting)
        unsafe waiting.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        unsafe sem_post(waiting)
    }

    /// Runs `body` on the calling thread, and with it all that it calls on nobody else's behalf. Returns when it has.
    static func run(_ body: @escaping @Sendable () async -> Void) {
        let executor = MainThreadExecutor()
        Task(executorPreference: executor) {
            await body()
            executor.isDone.store(true, ordering: .releasing)
        }
        while !executor.isDone.load(ordering: .acquiring) {
            guard unsafe sem_wait(executor.waiting) == 0 else { continue }
            guard let job = executor.jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
            unsafe job.runSynchronously(on: executor.asUnownedTaskExecutor())
        }
    }
}
