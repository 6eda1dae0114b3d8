internal import Secrets
internal import TLS

/// The parts that the agent's work depends on.
extension HealthCollector {
    /// Certificates that end sooner than this are worth a word.
    static let expiryWarningDays = 7

    func certificatesPart() -> HealthReport.Part {
        let context = snapshot.context
        let state = reloadState
        let days = context.certificateDaysLeft()
        var details: [(name: String, value: HealthReport.Value)] = [
            ("daysLeft", .number(Int64(days))), ("expiresSoon", .flag(days < Self.expiryWarningDays)),
            ("sessions", .number(Int64(context.sessionCount))),
            ("reloadRefused", .flag(state.certificateProblem != nil)),
            ("reloadsRefused", .number(Int64(clamping: state.certificatesRefused))),
        ]
        if let problem = state.certificateProblem { details.append(("problem", .name(problem))) }
        if let identity = context.certificateSpiffeID { details.append(("identity", .name(identity))) }
        let now = WallClock.milliseconds / 1000
        var words = ["the agent's own has \(days) days left"]
        var status = HealthStatus.up
        if context.certificateExpiry < now {
            status = .down
            words = ["the agent's own has ended"]
        }
        if let revocation = context.revocationListExpiry {
            details.append(("revocationListSecondsLeft", .number(revocation - now)))
            if revocation < now {
                status = .down
                words.append("the revocation list has ended")
            }
        }
        if state.certificateProblem != nil { words.append("new ones were refused") }
        return HealthReport.Part(
            name: "certificates",
            status: status,
            words: words.joined(separator: "; "),
            details: details
        )
    }

    func configurationPart() -> HealthReport.Part {
        let state = reloadState
        var details: [(name: String, value: HealthReport.Value)] = [
            ("generation", .number(Int64(clamping: state.generation))), ("reloadRefused", .flag(state.problem != nil)),
            ("reloads", .number(Int64(clamping: state.taken))),
            ("reloadsRefused", .number(Int64(clamping: state.refused))),
        ]
        if let problem = state.problem { details.append(("problem", .name(problem))) }
        let words =
            state.problem == nil
            ? "what was read last is in force" : "a new one was refused, the one before it is in force"
        return HealthReport.Part(name: "configuration", status: .up, words: words, details: details)
    }

    func cachePart() -> HealthReport.Part {
        let statistics = services.resolver.cache.statistics
        let next = statistics.nextDeadline.map { max(0, $0.nanoseconds(since: .now)) }
        return HealthReport.Part(
            name: "cache",
            status: .up,
            words: next.map {
                "\(statistics.entries) \(statistics.entries == 1 ? "entry" : "entries"); the next is zeroed in \(Words.duration($0))"
            }
                ?? "nothing is held",
            details: [
                ("entries", .number(Int64(statistics.entries))), ("bytes", .number(Int64(statistics.bytes))),
                ("evictions", .number(Int64(clamping: statistics.evictions))),
                ("expirations", .number(Int64(clamping: statistics.expirations))),
                ("nextExpiryMs", .number(next.map { $0 / 1_000_000 } ?? -1)),
            ]
        )
    }

    /// How one scope's manager is.
    struct ScopeCondition {
        let scope: Scope
        let condition: Budget.Condition
        /// Age of the oldest value beyond its lifetime, in nanoseconds; nil where there is none.
        let oldestStale: Int64?
    }

    private var conditions: [ScopeCondition] {
        let now = BootInstant.now
        let oldest = selfWatch.seen.oldestStale
        return snapshot.scopes.scopes.map { scope in
            let age = oldest[scope.id].map { max(0, now.nanoseconds(since: $0)) }
            return ScopeCondition(scope: scope, condition: scope.budget.condition, oldestStale: age)
        }
    }

    /// In the order of the types' names.
    var conditionsByType: [(type: String, scopes: [ScopeCondition])] {
        Dictionary(grouping: conditions, by: \.scope.type).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func backendsPart() -> HealthReport.Part {
        let conditions = conditions
        let failing = conditions.count { $0.condition.isFailing }
        let open = conditions.count { $0.condition.isOpen }
        let now = BootInstant.now
        let stale = conditions.compactMap(\.oldestStale).max()
        var details: [(name: String, value: HealthReport.Value)] = [
            ("scopes", .number(Int64(conditions.count))), ("failing", .number(Int64(failing))),
            ("breakersOpen", .number(Int64(open))),
            ("calls", .number(Int64(conditions.reduce(0) { $0 + $1.condition.calls }))),
            ("failures", .number(Int64(conditions.reduce(0) { $0 + $1.condition.failures }))),
            ("oldestStaleMs", .number((stale ?? 0) / 1_000_000)),
        ]
        for scope in conditions { details.append((scope.scope.name, .name(Self.words(scope, at: now)))) }
        let words: [String] = [
            failing == 0
                ? "no scope's manager fails" : "the managers of \(failing) of \(conditions.count) scopes fail",
            open > 0 ? "\(open) \(open == 1 ? "is" : "are") left alone" : nil,
            stale.map { "the oldest value that outlived its time was fetched \(Words.duration($0)) ago" },
        ].compactMap { $0 }
        return HealthReport.Part(
            name: "backends",
            status: failing > 0 ? .down : .up,
            words: words.joined(separator: "; "),
            details: details
        )
    }

    /// One scope in a line.
    private static func words(_ scope: ScopeCondition, at now: BootInstant) -> String {
        let condition = scope.condition
        var words = [scope.scope.type, condition.isFailing ? "failing" : "good", "breaker \(condition.breaker)"]
        if condition.isFailing, let trouble = condition.lastTrouble { words.append(BackendLog.words(trouble).kind) }
        if let last = condition.lastSuccess {
            words.append("last success \(now.nanoseconds(since: last) / 1_000_000_000) s ago")
        }
        if let oldestStale = scope.oldestStale { words.append("oldest stale value \(oldestStale / 1_000_000_000) s") }
        return words.joined(separator: ", ")
    }

    func auditPart() -> HealthReport.Part {
        guard let statistics = services.audit.statistics else {
            return HealthReport.Part(
                name: "audit",
                status: .unknown,
                words: "none is kept",
                details: [("kept", .flag(false))]
            )
        }
        var details: [(name: String, value: HealthReport.Value)] = [
            ("kept", .flag(true)), ("required", .flag(services.audit.isRequired)),
            ("written", .number(Int64(clamping: statistics.written))),
            ("dropped", .number(Int64(clamping: statistics.dropped))),
            ("failures", .number(Int64(clamping: statistics.failures))),
        ]
        if let last = statistics.lastWrite { details.append(("lastWrite", .text(WallClock.text(last)))) }
        if let failure = statistics.lastFailure { details.append(("lastFailure", .name(failure))) }
        var words = "\(statistics.written) records are written"
        if statistics.dropped > 0 { words += ", \(statistics.dropped) were lost" }
        if statistics.lastFailure != nil {
            words = "the last record could not be written"
            if services.audit.isRequired { words += ", so requests are refused" }
        }
        return HealthReport.Part(
            name: "audit",
            status: statistics.lastFailure == nil ? .up : .down,
            words: words,
            details: details
        )
    }
}
