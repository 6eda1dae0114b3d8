internal import EventLoop
internal import Glibc
package import SecretMemory

/// A bounded queue of calls and the threads that answer them, because a database blocks its caller and no task of the
/// language's own pool may be blocked. Each thread has a worker of its own, such as a connection.
///
/// Sound because `state` is touched only under `lock`. (`Synchronization.Mutex` has no condition to wait on.)
@safe
package final class CallQueue<Worker>: @unchecked Sendable {
    package typealias Job = @Sendable (Worker) -> Void

    /// Why a call will not run.
    package enum Refusal: Error, Equatable, Sendable {
        case closed
        /// As many calls as may wait already do.
        case full
        /// The task that asked was cancelled.
        case cancelled
    }

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
    package init(limit: Int) {
        self.limit = limit
        unsafe pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(wake, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(wake)
        unsafe pthread_mutex_destroy(lock)
        unsafe wake.deallocate()
        unsafe lock.deallocate()
    }

    // MARK: Threads

    /// What a thread does where no call comes for a while, such as closing a connection.
    package struct Idleness: Sendable {
        package let after: Duration
        package let act: @Sendable (Worker) -> Void

        package init(after: Duration, act: @escaping @Sendable (Worker) -> Void) {
            self.after = after
            self.act = act
        }
    }

    /// Starts one more thread, which makes its own worker and gives it back at its end.
    ///
    /// - Parameter name: at most 15 bytes are shown by the system's tools.
    package func start(
        _ name: String,
        idle: Idleness? = nil,
        _ worker: @escaping @Sendable () -> Worker
    ) throws(DedicatedThread.Refusal) {
        withLock { $0.running += 1 }
        do throws(DedicatedThread.Refusal) {
            // Detached: the end of a thread is told by its last act, and nobody joins it.
            _ = try DedicatedThread(name: name) { [self] in
                run(worker(), idle)
                ended()
            }
        } catch {
            withLock { $0.running -= 1 }
            throw error
        }
    }

    private func run(_ worker: consuming Worker, _ idle: Idleness?) {
        // Nothing to be given up before the first call, nor twice.
        var isFresh = false
        while true {
            switch next(within: isFresh ? idle?.after : nil) {
            case .job(let job):
                job(worker)
                isFresh = true
            case .nothing:
                idle?.act(worker)
                isFresh = false
            case .end: return
            }
        }
    }

    /// Lets the threads finish what waits, and end. Does not wait for them.
    package func stop() {
        withLock { state in
            state.isClosed = true
            unsafe pthread_cond_broadcast(wake)
        }
    }

    /// As ``stop()``, and returns when the last thread has given its worker back.
    package func close() async {
        stop()
        await withCheckedContinuation { closer in
            let isOver = withLock { state in
                if state.running > 0 { state.closers.append(closer) }
                return state.running == 0
            }
            if isOver { closer.resume() }
        }
    }

    // MARK: Calls

    /// Runs `body` on one of the threads. A task that is cancelled stops waiting, and its call is skipped where it has not
    /// begun.
    package func call<Success: ~Copyable & Sendable, Failure: Error>(
        refused: @escaping @Sendable (Refusal) -> Failure,
        _ body: @escaping @Sendable (Worker) throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let call = PendingCall<Success, Failure>()
        do throws(Refusal) {
            try submit { worker in
                guard !call.isSettled else { return }
                do throws(Failure) { call.succeed(try body(worker)) } catch { call.fail(error) }
            }
        } catch {
            throw refused(error)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { call.wait($0) }
        } onCancel: {
            call.fail(refused(.cancelled))
        }
        return try call.take()
    }

    /// - Throws: where the queue is full or closed; the job will not run then.
    package func submit(_ job: @escaping Job) throws(Refusal) {
        let refusal: Refusal? = withLock { state in
            if state.isClosed { return .closed }
            if state.jobs.count >= limit { return .full }
            state.jobs.append(job)
            unsafe pthread_cond_signal(wake)
            return nil
        }
        if let refusal { throw refusal }
    }

    private enum Next {
        case job(Job)
        /// None has come for as long as the thread waits.
        case nothing
        /// The thread shall end.
        case end
    }

    /// What a thread does next.
    ///
    /// No access to the state may span the wait: the compiler takes an access for exclusive, and would not look again.
    private func next(within duration: Duration?) -> Next {
        let end = duration.map(Self.time(after:))
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while true {
            if let job = firstJob() { return .job(job) }
            if state.isClosed { return .end }
            guard var time = end else {
                unsafe pthread_cond_wait(wake, lock)
                continue
            }
            if unsafe pthread_cond_timedwait(wake, lock, &time) != 0 {
                return firstJob().map(Next.job) ?? (state.isClosed ? .end : .nothing)
            }
        }
    }

    private static func time(after duration: Duration) -> timespec {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = duration.components
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
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
