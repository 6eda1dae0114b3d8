internal import Liveness
internal import Secrets
internal import Synchronization

extension HealthCollector {
    /// This agent's place among the nodes.
    func registryPart() -> HealthReport.Part {
        guard let nodes = services.nodes.withLock({ $0 }) else {
            return HealthReport.Part(name: "registry", status: .unknown, details: [("configured", .flag(false))])
        }
        let condition = nodes.current
        var details: [(String, HealthReport.Value)] = [
            ("configured", .flag(true)), ("fenced", .flag(services.fence.isUp)),
            ("state", .text(condition.instance.state.rawValue)), ("instance", .name(condition.instance.id)),
            ("coordinator", .flag(condition.isCoordinator)),
        ]
        if let last = condition.lastWrite {
            let silence = max(0, BootInstant.now.nanoseconds(since: last))
            details.append(("lastWriteMsAgo", .number(silence / 1_000_000)))
        }
        if let problem = condition.problem { details.append(("problem", .name(problem))) }
        if let listing = condition.listing {
            let states = Dictionary(grouping: listing.rows) { $0.instance.state }
            for state in ServiceState.allCases {
                if let count = states[state]?.count { details.append((state.rawValue, .number(Int64(count)))) }
            }
            details.append(("damaged", .number(Int64(listing.damaged))))
        }
        let isUp = !services.fence.isUp && condition.problem == nil
        return HealthReport.Part(name: "registry", status: isUp ? .up : .down, details: details)
    }
}
