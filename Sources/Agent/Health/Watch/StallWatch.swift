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

    /// A thread's last beat, and how late ticks had been until then, all together.
    private struct Heard {
        let beat: BootInstant
        let lateness: Int64
    }

    private let start: BootInstant
    private var lastTick: BootInstant
    /// How late ticks were so far, in nanoseconds. What held up the watchdog held up the others too, and is not their silence.
    private var lateness: Int64 = 0
    private var heard: [Heard] = []
    /// Since when there have been no ticks; set by the first who noticed.
    private var doubtedSince: BootInstant?
    private var stalledThreads: Set<Int> = []

    init(at now: BootInstant) {
        start = now
        lastTick = now
    }

    /// Looks at the threads, in regular ticks.
    ///
    /// - Parameters:
    ///   - beats: when each thread last came round; always in the same order.
    ///   - wall: milliseconds since 1970.
    /// - Returns: the stalls that began since the last tick.
    mutating func look(_ beats: [BootInstant], at now: BootInstant, wall: Int64) -> [Stall] {
        if now > lastTick.advanced(by: Self.standstillLimit) { standstills += 1 }
        if heard.count != beats.count { heard = beats.map { Heard(beat: $0, lateness: lateness) } }
        for (thread, beat) in beats.enumerated() where heard[thread].beat != beat {
            heard[thread] = Heard(beat: beat, lateness: lateness)
        }
        lateness += max(0, now.nanoseconds(since: lastTick.advanced(by: Self.tick)))
        lastTick = now
        doubtedSince = nil
        var begun: [Stall] = []
        for (thread, beat) in beats.enumerated() {
            let silence = silence(of: thread, beat, at: now)
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
        beats.enumerated().map { silence(of: $0.offset, $0.element, at: now) }.max() ?? 0
    }

    private func silence(of thread: Int, _ beat: BootInstant, at now: BootInstant) -> Int64 {
        let silence = now.nanoseconds(since: max(beat, start))
        // Who has come round since the last tick was held up by nothing that is known of yet.
        guard thread < heard.count, heard[thread].beat == beat else { return max(0, silence) }
        return max(0, silence - (lateness - heard[thread].lateness))
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
