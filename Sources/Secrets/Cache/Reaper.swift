internal import CLinux
internal import Glibc
internal import SecretMemory
internal import Synchronization

/// Zeroes values at their deadline, whether anybody asks or not: it begins ``lead`` before it, so that thousands of values
/// that are due at one instant are gone soon after it. One thread, asleep on a timer that goes on while the
/// machine is suspended.
public final class Reaper: Sendable {
    /// Of how late values were zeroed, in nanoseconds.
    static let latenessBounds: [Int64] = [
        100_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 100_000_000, 1_000_000_000,
    ]

    /// When the timer goes off. Kept with it under one lock: two who set it at the same time could leave the later one set.
    private struct Alarm {
        var instant = BootInstant.distantFuture
        var isStopping = false
    }

    /// How long before its deadline a value may go.
    public static let lead: Duration = .milliseconds(5)

    private let cache: Cache
    private let timer: CInt
    private let alarm = Mutex(Alarm())
    private let recorded = Mutex(DurationHistogram(bounds: latenessBounds))
    private let thread = Mutex<DedicatedThread?>(nil)
    private let observer: (@Sendable (Int64) -> Void)?

    /// - Parameter observer: told of each value's lateness in nanoseconds, on the reaper's thread; for benchmarks.
    public init(
        cache: Cache,
        observer: (@Sendable (Int64) -> Void)? = nil
    ) throws(ReaperFailure) {
        self.cache = cache
        self.observer = observer
        timer = timerfd_create(CLOCK_BOOTTIME, CInt(TFD_CLOEXEC))
        guard timer >= 0 else { throw ReaperFailure(operation: "timerfd_create", code: errno) }
    }

    /// Starts the thread.
    public func start() throws(ReaperFailure) {
        cache.onDeadline { [weak self] deadline in self?.wake(at: deadline) }
        do throws(DedicatedThread.Refusal) {
            let started = try DedicatedThread(name: "tacit-reaper") { [self] in run() }
            keep(started)
        } catch {
            throw ReaperFailure(operation: "pthread_create", code: error.code)
        }
        wake(at: .now)
    }

    /// Ends the thread; the values that are left are the caller's to evict.
    public func stop() {
        alarm.withLock { alarm in
            // Nobody may set the timer after this: a timer set anew forgets that it has gone off.
            alarm.isStopping = true
            set(1)
        }
        var running: DedicatedThread? = nil
        thread.withLock { swap(&$0, &running) }
        running.take()?.join()
    }

    /// How late values were zeroed, since the start.
    public var lateness: DurationHistogram { recorded.withLock { $0 } }

    private func keep(_ started: consuming sending DedicatedThread) {
        var incoming: DedicatedThread? = started
        thread.withLock { $0 = incoming.take() }
    }

    private func wake(at deadline: BootInstant) {
        alarm.withLock { alarm in
            guard !alarm.isStopping, deadline < alarm.instant else { return }
            alarm.instant = deadline
            set(deadline.advanced(by: .zero - Self.lead).nanoseconds)
        }
    }

    /// An absolute time; one that has passed fires at once.
    private func set(_ nanoseconds: Int64) {
        var spec = itimerspec()
        spec.it_value.tv_sec = time_t(max(nanoseconds, 1) / 1_000_000_000)
        spec.it_value.tv_nsec = Int(max(nanoseconds, 1) % 1_000_000_000)
        unsafe timerfd_settime(timer, CInt(TFD_TIMER_ABSTIME), &spec, nil)
    }

    private func run() {
        // A few milliseconds' work now and then, but work with a deadline.
        linux_raise_thread_priority()
        while !alarm.withLock({ $0.isStopping }) {
            var fired: UInt64 = 0
            let count = unsafe read(timer, &fired, 8)
            if count < 0, errno != EINTR { return }
            alarm.withLock { $0.instant = .distantFuture }
            let next = cache.wipeExpired(at: .now.advanced(by: Self.lead)) { late in
                recorded.withLock { $0.record(late) }
                observer?(late)
            }
            if let next { wake(at: next) }
        }
    }

    deinit { close(timer) }
}

/// Why the reaper could not be started.
public struct ReaperFailure: Error, Equatable, Sendable {
    public let operation: String
    public let code: CInt
}
