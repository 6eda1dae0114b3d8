internal import Liveness
internal import Secrets
internal import Synchronization

/// The parts that are about who else is alive.
extension HealthCollector {
    func clientsPart() -> HealthReport.Part {
        let counts = services.clients.stateCounts
        let details = ServiceState.allCases.compactMap { state in
            counts[state].map { (name: state.rawValue, value: HealthReport.Value.number(Int64($0))) }
        }
        let alive = counts.reduce(0) { $0 + ($1.key.isRunning ? $1.value : 0) }
        let lost = counts[.disconnected] ?? 0
        return HealthReport.Part(
            name: "clients",
            status: .up,
            words: "\(alive) send heartbeats, \(lost) have fallen silent",
            details: details
        )
    }

    /// This agent's place among the nodes.
    func registryPart() -> HealthReport.Part {
        guard let nodes = services.nodes.withLock({ $0 }) else {
            return HealthReport.Part(
                name: "registry",
                status: .unknown,
                words: "none is configured",
                details: [("configured", .flag(false))]
            )
        }
        let condition = nodes.current
        let isFenced = services.fence.isUp
        var details: [(name: String, value: HealthReport.Value)] = [
            ("configured", .flag(true)), ("fenced", .flag(isFenced)),
            ("state", .text(condition.instance.state.rawValue)), ("instance", .name(condition.instance.id)),
            ("coordinator", .flag(condition.isCoordinator)),
        ]
        var words = "this agent is \(condition.instance.state.rawValue)"
        if let last = condition.lastWrite {
            let silence = max(0, BootInstant.now.nanoseconds(since: last))
            details.append(("lastWriteMsAgo", .number(silence / 1_000_000)))
            words += ", and said so \(Words.duration(silence)) ago"
        }
        if let problem = condition.problem { details.append(("problem", .name(problem))) }
        if let listing = condition.listing {
            for (state, count) in listing.stateCounts { details.append((state.rawValue, .number(Int64(count)))) }
            details.append(("damaged", .number(Int64(listing.damaged))))
        }
        if condition.problem != nil { words = "it cannot be written" }
        if isFenced { words += "; nothing is handed out until it can" }
        return HealthReport.Part(
            name: "registry",
            status: !isFenced && condition.problem == nil ? .up : .down,
            words: words,
            details: details
        )
    }
}

extension RegistryListing {
    /// How many are in each state, in the order of an instance's life.
    var stateCounts: [(state: ServiceState, count: Int)] {
        let counts = Dictionary(grouping: rows) { $0.instance.state }.mapValues(\.count)
        return ServiceState.allCases.compactMap { state in counts[state].map { (state, $0) } }
    }
}
