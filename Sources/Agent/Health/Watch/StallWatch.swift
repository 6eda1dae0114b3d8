internal import Secrets

/// Tells a thread that is stuck from a machine that slept, by when each thread last came round. No clock of its own, so that
/// tests drive it.
///
/// It is looked after twice: by the watchdog's thread, in regular ticks, and by whoever asks for the verdict, at any time.
struct StallWatch: Sendable {
    /// How often the watchdog ticks.
    static let tick: Duration = .milliseconds(500)
    /// A silence this long is a stall, and is remembered. A thread with nothing to do comes round at least twice a second.
    static let stallLimit: Duration = .seconds(1)
    /// A thread that is silent for this long is stuck, and the process is to be restarted.
    static let deathLimit: Duration = .seconds(5)
    /// A tick that comes so late says that the whole process stood still, and not that one of its threads did.
    static let standstillLimit: Duration = .seconds(2)

    /// One silence, as far as it was seen.
    struct Stall: Sendable, Equatable {
        /// The thread's place among the beats.
        let thread: Int
        var nanoseconds: Int64
        /// When it began, in milliseconds since 1970.
        let since: Int64
    }

    /// The longest of all; nil where there was none.
    private(set) var longest: Stall?
    private(set) var stalls: UInt64 = 0
    /// Times that the whole process stood still: suspended, stopped, or without a processor.
    private(set) var standstills: UInt64 = 0

    private var lastTick: BootInstant
    /// Silence before this is nobody's fault.
    private var baseline: BootInstant
    /// Since when there have been no ticks; set by the first who noticed.
    private var doubtedSince: BootInstant?
    private var stalledThreads: Set<Int> = []

    init(at now: BootInstant) {
        lastTick = now
        baseline = now
    }

    /// Looks at the threads, in regular ticks.
    ///
    /// - Parameters:
    ///   - beats: when each thread last came round; always in the same order.
    ///   - wall: milliseconds since 1970.
    /// - Returns: the stalls that began since the last tick.
    mutating func look(_ beats: [BootInstant], at now: BootInstant, wall: Int64) -> [Stall] {
        if now > lastTick.advanced(by: Self.standstillLimit) {
            standstills += 1
            baseline = now
        }
        lastTick = now
        doubtedSince = nil
        var begun: [Stall] = []
        for (thread, beat) in beats.enumerated() {
            let silence = silence(beat, at: now)
            guard silence >= Self.stallLimit.nanoseconds else {
                stalledThreads.remove(thread)
                continue
            }
            let stall = Stall(thread: thread, nanoseconds: silence, since: wall - silence / 1_000_000)
            if stalledThreads.insert(thread).inserted {
                stalls += 1
                begun.append(stall)
            }
            if silence > longest?.nanoseconds ?? 0 { longest = stall }
        }
        return begun
    }

    /// The longest silence at this moment, in nanoseconds.
    func silence(_ beats: [BootInstant], at now: BootInstant) -> Int64 {
        beats.map { silence($0, at: now) }.max() ?? 0
    }

    private func silence(_ beat: BootInstant, at now: BootInstant) -> Int64 {
        max(0, now.nanoseconds(since: max(beat, baseline)))
    }

    /// Whether all threads come round, the watchdog's own included.
    mutating func isAlive(_ beats: [BootInstant], at now: BootInstant) -> Bool {
        guard now > lastTick.advanced(by: Self.standstillLimit) else {
            return silence(beats, at: now) < Self.deathLimit.nanoseconds
        }
        // Either the process stood still until this moment, and the watchdog will tick soon, or the watchdog is stuck as well.
        let since = doubtedSince ?? now
        doubtedSince = since
        return now < since.advanced(by: Self.deathLimit)
    }
}
