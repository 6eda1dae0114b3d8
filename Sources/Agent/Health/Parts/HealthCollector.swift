internal import EventLoop
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Looks at every part and says how it is.
final class HealthCollector: Sendable {
    /// What the last reload came to.
    struct ReloadState: Sendable {
        var generation: UInt64 = 1
        /// Why the last attempt was refused; nil where it was taken.
        var problem: String?
        /// The same for certificates that were read on their own.
        var certificateProblem: String?
        var taken: UInt64 = 0
        var refused: UInt64 = 0
        var certificatesTaken: UInt64 = 0
        var certificatesRefused: UInt64 = 0
    }

    let services: Services
    let loops: [ConnectionLoop]
    let door: HandshakeLoop
    let reaper: Reaper
    let hardening: Hardening.Report
    let listening: [String]
    let selfWatch: SelfWatch
    let startedAt = BootInstant.now
    /// In milliseconds since 1970.
    let startedAtWall = WallClock.milliseconds
    private let current: Current
    private let reloads = Mutex(ReloadState())

    /// In a class of its own, because the watchdog looks at it too.
    private final class Current: Sendable {
        let snapshot: Mutex<Snapshot>
        init(_ snapshot: Snapshot) { self.snapshot = Mutex(snapshot) }
    }

    init(
        services: Services,
        loops: [ConnectionLoop],
        door: HandshakeLoop,
        reaper: Reaper,
        hardening: Hardening.Report,
        snapshot: Snapshot,
        listening: [String]
    ) throws(SystemFailure) {
        self.services = services
        self.loops = loops
        self.door = door
        self.reaper = reaper
        self.hardening = hardening
        self.listening = listening
        let current = Current(snapshot)
        self.current = current
        let metrics = loops.map(\.metrics)
        let cache = services.resolver.cache
        selfWatch = SelfWatch(
            SelfWatch.Subjects(
                threads: loops.indices.map { "loop-\($0)" } + ["door"],
                beats: {
                    let beats = metrics.map { $0.lastTurn.load(ordering: .relaxed) }
                    return (beats + [door.lastTurn.load(ordering: .relaxed)]).map { BootInstant(nanoseconds: $0) }
                },
                requests: { LoopTotals(loops: metrics).counters },
                oldestStale: {
                    let scopes = current.snapshot.withLock { $0.scopes.scopes }
                    // All entries are looked at, which is in vain where none may be stale.
                    guard scopes.contains(where: { $0.cache.serveStaleFor > .zero }) else { return [:] }
                    return cache.oldestStale(at: .now)
                }
            ),
            log: services.log
        )
    }

    /// Begins to watch. Answers are given before and after, too, out of what was seen.
    func start() throws(SystemFailure) { try selfWatch.start() }

    func stop() { selfWatch.stop() }

    // MARK: Reloads

    var snapshot: Snapshot { current.snapshot.withLock { $0 } }
    var reloadState: ReloadState { reloads.withLock { $0 } }

    /// Takes note of what is in force from now on.
    func note(_ new: Snapshot) {
        let old = current.snapshot.withLock { snapshot in
            let old = snapshot
            snapshot = new
            return old
        }
        // Certificates that were read on their own leave the rules as they were, and say nothing about a bad configuration.
        let isWhole = old.policy.generation != new.policy.generation
        reloads.withLock { state in
            state.generation += 1
            state.certificateProblem = nil
            if isWhole {
                state.problem = nil
                state.taken += 1
            } else {
                state.certificatesTaken += 1
            }
        }
    }

    func noteRefusedReload(_ problem: String) {
        reloads.withLock { state in
            state.problem = problem
            state.refused += 1
        }
    }

    func noteRefusedCertificates(_ problem: String) {
        reloads.withLock { state in
            state.certificateProblem = problem
            state.certificatesRefused += 1
        }
    }

    // MARK: Answers

    /// The loops turn and the arena is sound, and nothing else: what a restart could mend.
    var isAlive: Bool { selfWatch.areThreadsAlive && selfWatch.seen.arena.isSound }

    /// All parts, in the order in which they are shown. A part that is added here is in every answer.
    func report() -> HealthReport {
        HealthReport(parts: [
            loopsPart(), listenersPart(), arenaPart(), protectionsPart(), certificatesPart(), configurationPart(),
            cachePart(),
            backendsPart(), auditPart(), clockPart(), clientsPart(), registryPart(),
        ])
    }

    var totals: LoopTotals { LoopTotals(loops: loops.map(\.metrics)) }
}
