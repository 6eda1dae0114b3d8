internal import EventLoop
internal import Logging
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The thread that looks after the others, whether anybody asks or not: threads that are stuck, clocks that jump, headers in
/// the arena. It waits for none of them.
final class SelfWatch: Sendable {
    /// What it looks at. Called on its thread, so that nothing of it may block.
    struct Subjects: Sendable {
        /// The names of the threads, and when each last came round, in the same order.
        let threads: [String]
        let beats: @Sendable () -> [BootInstant]
        let requests: @Sendable () -> RecentRequests.Counters
        /// Of each scope, by its id, when the oldest value was fetched that is kept beyond its lifetime.
        let oldestStale: @Sendable () -> [UInt16: BootInstant]
    }

    /// What it has seen.
    struct Sight: Sendable {
        var stalls: StallWatch
        var clock = ClockWatch()
        var arena = ArenaCheck()
        var recent = RecentRequests()
        var oldestStale: [UInt16: BootInstant] = [:]
    }

    /// Slabs of the arena that are looked at in one tick: 2 MiB of it.
    private static let slabsPerTick = 64

    private let subjects: Subjects
    private let log: Logger
    private let sight: Mutex<Sight>
    private let thread = Mutex<TimedThread<Void>?>(nil)

    init(_ subjects: Subjects, log: Logger) {
        self.subjects = subjects
        self.log = log
        sight = Mutex(Sight(stalls: StallWatch(at: .now)))
    }

    func start() throws(SystemFailure) {
        let started = try TimedThread<Void>("tacit-selfwatch", stackBytes: 256 << 10) { [self] orders in
            guard orders.isEmpty else { return nil }
            tick()
            return .now.advanced(by: StallWatch.tick)
        }
        thread.withLock { $0 = started }
    }

    func stop() {
        let running = thread.withLock { $0 }
        running?.send(())
        running?.join()
    }

    /// Looks at everything once.
    func tick() {
        let beats = subjects.beats()
        // After the beats: a thread may come round in between, and must not seem to come from the future.
        let now = BootInstant.now
        let reading = ClockReading.now()
        let (begun, events, isDue) = sight.withLock { sight in
            let begun = sight.stalls.look(beats, at: now, wall: WallClock.milliseconds)
            return (begun, reading.map { sight.clock.look($0) } ?? [], sight.recent.isDue(at: now))
        }
        for stall in begun { warn(stall) }
        for event in events { note(event) }
        checkArena()
        guard isDue else { return }
        let counters = subjects.requests()
        let oldest = subjects.oldestStale()
        sight.withLock { sight in
            sight.recent.keep(counters, at: now)
            sight.oldestStale = oldest
        }
    }

    /// Not under the lock of what was seen: a thread that hangs with the arena's lock must not make the verdict wait.
    private func checkArena() {
        var check = sight.withLock { $0.arena }
        let wasSound = check.isSound
        check.advance(slabs: Self.slabsPerTick)
        let checked = check
        sight.withLock { $0.arena = checked }
        if wasSound, !check.isSound {
            log.critical("a block of locked memory was overwritten; this process should not go on")
        }
    }

    private func warn(_ stall: StallWatch.Stall) {
        let metadata: Logger.Metadata = [
            "thread": "\(subjects.threads[stall.thread])", "milliseconds": "\(stall.nanoseconds / 1_000_000)",
        ]
        log.warning("a thread has not come round", metadata: metadata)
    }

    private func note(_ event: ClockWatch.Event) {
        switch event {
        case .jump(let nanoseconds):
            log.notice("the wall clock was set", metadata: ["milliseconds": "\(nanoseconds / 1_000_000)"])
        case .suspend(let nanoseconds):
            log.notice("the machine was suspended", metadata: ["milliseconds": "\(nanoseconds / 1_000_000)"])
        }
    }

    // MARK: For those who ask

    var seen: Sight { sight.withLock { $0 } }

    /// The longest silence of a thread at this moment, in nanoseconds.
    var silence: Int64 {
        let beats = subjects.beats()
        return sight.withLock { $0.stalls.silence(beats, at: .now) }
    }

    /// Whether the threads come round.
    var areThreadsAlive: Bool {
        let beats = subjects.beats()
        return sight.withLock { $0.stalls.isAlive(beats, at: .now) }
    }

    func threadName(_ stall: StallWatch.Stall) -> String { subjects.threads[stall.thread] }
}
