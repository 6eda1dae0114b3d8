internal import Liveness
internal import Secrets
internal import Synchronization

/// Figures of clients' instances and of the registry of nodes.
extension Metrics {
    func liveness(_ text: inout PrometheusText) {
        let services = collector.services
        text.family("tacit_client_instances", "gauge", "Service instances of clients, by state.")
        let counts = services.clients.stateCounts
        for state in ServiceState.allCases {
            text.sample("tacit_client_instances", [("state", state.rawValue)], counts[state] ?? 0)
        }
        text.gauge(
            "tacit_fenced",
            "Whether the agent hands out nothing, because others may take it for dead.",
            services.fence.isUp ? 1 : 0
        )
        text.family(
            "tacit_registry_last_write_age_seconds",
            "gauge",
            "How long ago the registry of nodes took a write."
        )
        text.family("tacit_registry_coordinator", "gauge", "Whether this agent judges the others.")
        text.family("tacit_registry_verdicts_total", "counter", "Instances whose state this agent has changed.")
        text.family(
            "tacit_registry_nodes",
            "gauge",
            "Instances in the registry of nodes when it was read last, by state."
        )
        text.family("tacit_registry_damaged_rows", "gauge", "Rows of the registry of nodes that cannot be read.")
        guard let condition = services.nodes.withLock({ $0 })?.current else { return }
        if let last = condition.lastWrite {
            let age = Double(max(0, BootInstant.now.nanoseconds(since: last))) / 1_000_000_000
            text.sample("tacit_registry_last_write_age_seconds", [], age)
        }
        text.sample("tacit_registry_coordinator", [], condition.isCoordinator ? 1 : 0)
        text.sample("tacit_registry_verdicts_total", [], condition.verdicts)
        guard let listing = condition.listing else { return }
        for (state, count) in listing.stateCounts {
            text.sample("tacit_registry_nodes", [("state", state.rawValue)], count)
        }
        text.sample("tacit_registry_damaged_rows", [], listing.damaged)
    }
}
