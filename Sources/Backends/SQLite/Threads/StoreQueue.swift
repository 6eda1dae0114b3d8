internal import Glibc
internal import SecretMemory
internal import Secrets

/// A bounded queue of calls and the threads that answer them, because a database blocks its caller and no task of the
/// language's own pool may be blocked.
///
/// Sound because `state` is touched only under `lock`. (`Synchronization.Mutex` has no condition to wait on.)
@safe
final class StoreQueue: @unchecked Sendable {
    typealias Job = @Sendable (StoreWorker) -> Void

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
        var running = 0
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state = State()
    private let limit: Int

    /// - Parameter limit: calls that may wait.
    init(limit: Int) {
        self.limit = limit
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(wake, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(wake)
        unsafe pthread_mutex_destroy(lock)
        unsafe wake.deallocate()
        unsafe lock.deallocate()
    }

    /// Starts one more thread, which makes its own worker and gives it back at its end.
    func start(_ name: String, _ worker: @escaping @Sendable () -> StoreWorker) throws(BackendError) {
        withLock { $0.running += 1 }
        do throws(DedicatedThread.Refusal) {
            // Detached: the end of a thread is told by its last act, and nobody joins it.
            _ = try DedicatedThread(name: name) { [self] in
                run(worker())
                ended()
            }
        } catch {
            withLock { $0.running -= 1 }
            throw .unavailable(
                detail: "no thread could be started for the store: \(SQLiteFailure.words(error.code))"
            )
        }
    }

    private func run(_ worker: consuming StoreWorker) {
        while let job = next() { job(worker) }
    }

    /// - Throws: where the queue is full or closed; the job will not run then.
    func submit(_ job: @escaping Job) throws(BackendError) {
        let refusal: BackendError? = withLock { state in
            if state.isClosed { return .unavailable(detail: "the store is closed") }
            if state.jobs.count >= limit { return .throttled(retryAfter: .milliseconds(100)) }
            state.jobs.append(job)
            unsafe pthread_cond_signal(wake)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Lets the threads finish what waits, and end. Does not wait for them.
    func stop() {
        withLock { state in
            state.isClosed = true
            unsafe pthread_cond_broadcast(wake)
        }
    }

    /// As ``stop()``, and returns when the last thread has given its connection back.
    func close() async {
        stop()
        await withCheckedContinuation { closer in
            let isOver = withLock { state in
                if state.running > 0 { state.closers.append(closer) }
                return state.running == 0
            }
            if isOver { closer.resume() }
        }
    }

    /// The next job, or nil where the thread shall end.
    ///
    /// No access to the state may span the wait: the compiler takes an access for exclusive, and would not look again.
    private func next() -> Job? {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while true {
            if let job = firstJob() { return job }
            if state.isClosed { return nil }
            unsafe pthread_cond_wait(wake, lock)
        }
    }

    private func firstJob() -> Job? { state.jobs.isEmpty ? nil : state.jobs.removeFirst() }

    private func ended() {
        let closers = withLock { state -> [CheckedContinuation<Void, Never>] in
            state.running -= 1
            guard state.running == 0 else { return [] }
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    private func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body(&state)
    }
}
