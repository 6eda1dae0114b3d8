internal import Glibc
internal import Liveness
internal import SecretMemory
internal import Secrets
internal import Synchronization
internal import TLS

/// Looks at every part and says how it is.
final class HealthCollector: Sendable {
    /// A loop that has not come round for so long is stuck.
    static let stallLimit: Duration = .seconds(5)
    /// Certificates that end sooner than this are worth a word.
    static let expiryWarningDays = 7

    /// What the last reload came to.
    struct ReloadState: Sendable {
        var generation: UInt64 = 1
        /// Why the last attempt was refused; nil where it was taken.
        var problem: String?
    }

    let services: Services
    private let loops: [ConnectionLoop]
    private let door: HandshakeLoop
    private let reaper: Reaper
    private let hardening: Hardening.Report
    private let current: Mutex<Snapshot>
    private let reloads = Mutex(ReloadState())
    private let listening: [String]

    init(
        services: Services,
        loops: [ConnectionLoop],
        door: HandshakeLoop,
        reaper: Reaper,
        hardening: Hardening.Report,
        snapshot: Snapshot,
        listening: [String]
    ) {
        self.services = services
        self.loops = loops
        self.door = door
        self.reaper = reaper
        self.hardening = hardening
        self.listening = listening
        current = Mutex(snapshot)
    }

    func note(_ snapshot: Snapshot) {
        current.withLock { $0 = snapshot }
        reloads.withLock {
            $0.generation += 1
            $0.problem = nil
        }
    }

    func noteRefusedReload(_ problem: String) { reloads.withLock { $0.problem = problem } }

    /// The loops turn and the arena is sound, and nothing else: what a restart could mend.
    var isAlive: Bool { loopsPart().status == .up }

    func report() -> HealthReport {
        HealthReport(parts: [
            loopsPart(), memoryPart(), protectionsPart(), certificatePart(), configurationPart(), cachePart(),
            backendsPart(), auditPart(), clientsPart(), registryPart(),
        ])
    }

    private func loopsPart() -> HealthReport.Part {
        let now = BootInstant.now
        let beats =
            loops.map { $0.metrics.lastTurn.load(ordering: .relaxed) } + [door.lastTurn.load(ordering: .relaxed)]
        let oldest = beats.filter { $0 > 0 }.map { now.nanoseconds(since: BootInstant(nanoseconds: $0)) }.max() ?? 0
        let connections = loops.reduce(0) { $0 + $1.metrics.connections.load(ordering: .relaxed) }
        return HealthReport.Part(
            name: "loops",
            status: oldest > Self.stallLimit.nanoseconds ? .down : .up,
            details: [
                ("count", .number(Int64(loops.count))), ("connections", .number(Int64(connections))),
                ("pendingRequests", .number(Int64(services.pendingRequests.load(ordering: .relaxed)))),
                ("longestSilenceMs", .number(oldest / 1_000_000)),
                ("listening", .text(listening.joined(separator: " "))),
            ]
        )
    }

    private func memoryPart() -> HealthReport.Part {
        let usage = Arena.usage
        var details: [(String, HealthReport.Value)] = [
            ("mappedBytes", .number(Int64(usage.mappedBytes))), ("maximumBytes", .number(Int64(usage.maximumBytes))),
        ]
        for account in MemoryAccount.allCases {
            details.append(("\(account)Bytes", .number(Int64(usage.bytes[account] ?? 0))))
        }
        if let refusal = usage.lastRefusal { details.append(("lastRefusal", .text(refusal.description))) }
        return HealthReport.Part(name: "memory", status: .up, details: details)
    }

    private func protectionsPart() -> HealthReport.Part {
        let level = Arena.usage.level
        return HealthReport.Part(
            name: "protections",
            status: .up,
            details: [
                ("memory", .text(level.description)), ("memoryLocked", .flag(level >= .locked)),
                ("notDumpable", .flag(hardening.notDumpable)), ("noCoreFiles", .flag(hardening.noCoreFiles)),
                ("noNewPrivileges", .flag(hardening.noNewPrivileges)),
            ]
        )
    }

    private func certificatePart() -> HealthReport.Part {
        let context = current.withLock { $0.context }
        let days = context.certificateDaysLeft()
        var details: [(String, HealthReport.Value)] = [
            ("daysLeft", .number(Int64(days))), ("expiresSoon", .flag(days < Self.expiryWarningDays)),
            ("sessions", .number(Int64(context.sessionCount))),
        ]
        if let identity = context.certificateSpiffeID { details.append(("identity", .name(identity))) }
        let now = WallClock.milliseconds / 1000
        var status = HealthStatus.up
        if context.certificateExpiry < now { status = .down }
        if let revocation = context.revocationListExpiry {
            details.append(("revocationListSecondsLeft", .number(revocation - now)))
            if revocation < now { status = .down }
        }
        return HealthReport.Part(name: "certificates", status: status, details: details)
    }

    private func configurationPart() -> HealthReport.Part {
        let state = reloads.withLock { $0 }
        var details: [(String, HealthReport.Value)] = [
            ("generation", .number(Int64(state.generation))), ("reloadRefused", .flag(state.problem != nil)),
        ]
        if let problem = state.problem { details.append(("problem", .name(problem))) }
        return HealthReport.Part(name: "configuration", status: .up, details: details)
    }

    private func cachePart() -> HealthReport.Part {
        let statistics = services.resolver.cache.statistics
        let next = statistics.nextDeadline.map { max(0, $0.nanoseconds(since: .now) / 1_000_000) }
        return HealthReport.Part(
            name: "cache",
            status: .up,
            details: [
                ("entries", .number(Int64(statistics.entries))), ("bytes", .number(Int64(statistics.bytes))),
                ("evictions", .number(Int64(statistics.evictions))),
                ("expirations", .number(Int64(statistics.expirations))), ("nextExpiryMs", .number(next ?? -1)),
            ]
        )
    }

    private func backendsPart() -> HealthReport.Part {
        let scopes = current.withLock { $0.scopes.scopes }
        let conditions = scopes.map { (scope: $0, condition: $0.budget.condition) }
        let failing = conditions.count { $0.condition.isFailing }
        var details: [(String, HealthReport.Value)] = [
            ("scopes", .number(Int64(scopes.count))), ("failing", .number(Int64(failing))),
            ("breakersOpen", .number(Int64(conditions.count { $0.condition.isOpen }))),
            ("calls", .number(Int64(conditions.reduce(0) { $0 + $1.condition.calls }))),
            ("failures", .number(Int64(conditions.reduce(0) { $0 + $1.condition.failures }))),
        ]
        for (scope, condition) in conditions {
            details.append((scope.name, .name(Self.words(scope.type, condition, at: .now))))
        }
        return HealthReport.Part(name: "backends", status: failing > 0 ? .down : .up, details: details)
    }

    /// One scope in a line.
    private static func words(_ type: String, _ condition: Budget.Condition, at now: BootInstant) -> String {
        var words = [type, condition.isFailing ? "failing" : "good", "breaker \(condition.breaker)"]
        if condition.isFailing, let trouble = condition.lastTrouble { words.append(BackendLog.words(trouble).kind) }
        if let last = condition.lastSuccess {
            words.append("last success \(now.nanoseconds(since: last) / 1_000_000_000) s ago")
        }
        return words.joined(separator: ", ")
    }

    private func auditPart() -> HealthReport.Part {
        guard let statistics = services.audit.statistics else {
            return HealthReport.Part(name: "audit", status: .unknown, details: [("kept", .flag(false))])
        }
        var details: [(String, HealthReport.Value)] = [
            ("kept", .flag(true)), ("required", .flag(services.audit.isRequired)),
            ("written", .number(Int64(statistics.written))), ("dropped", .number(Int64(statistics.dropped))),
        ]
        if let failure = statistics.lastFailure { details.append(("lastFailure", .name(failure))) }
        return HealthReport.Part(name: "audit", status: statistics.lastFailure == nil ? .up : .down, details: details)
    }

    private func clientsPart() -> HealthReport.Part {
        let counts = services.clients.stateCounts
        let details = ServiceState.allCases.compactMap { state in
            counts[state].map { (state.rawValue, HealthReport.Value.number(Int64($0))) }
        }
        return HealthReport.Part(name: "clients", status: .up, details: details)
    }

    // MARK: Figures for metrics

    var loopMetrics: [LoopMetrics] { loops.map(\.metrics) }
    var handshakes: HandshakeLoop.Statistics { door.statistics }
    var lateness: Reaper.Lateness { reaper.lateness }
    var cacheStatistics: Cache.Statistics { services.resolver.cache.statistics }
    /// How the managers have been, by the type of each scope's.
    var backendConditions: [(type: String, condition: Budget.Condition)] {
        current.withLock { $0.scopes.scopes }.map { ($0.type, $0.budget.condition) }
    }
    var auditStatistics: AuditLog.Statistics? { services.audit.statistics }
    var certificateExpiry: Int64 { current.withLock { $0.context.certificateExpiry } }
    var protections: Hardening.Report { hardening }
    var isReloadRefused: Bool { reloads.withLock { $0.problem != nil } }
}
