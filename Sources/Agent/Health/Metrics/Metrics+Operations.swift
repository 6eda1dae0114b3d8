internal import Secrets
internal import TLS

/// Figures of what the agent depends on: managers, the audit, certificates, its configuration.
extension Metrics {
    /// By the manager's type: a scope's name would be a namespace's.
    func backends(_ text: inout PrometheusText) {
        let byType = collector.conditionsByType
        let counters: [(name: String, help: String, value: (Budget.Condition) -> UInt64)] = [
            ("tacit_backend_calls_total", "Calls made to secrets managers, repeated ones included.", { $0.calls }),
            ("tacit_backend_failures_total", "Calls that secrets managers failed.", { $0.failures }),
            ("tacit_backend_retries_total", "Calls that were made again after a failure.", { $0.retries }),
            ("tacit_backend_refused_total", "Calls not made: breaker open, or too many waiting.", { $0.refused }),
        ]
        for counter in counters {
            text.family(counter.name, "counter", counter.help)
            for (type, scopes) in byType {
                text.sample(counter.name, [("type", type)], scopes.reduce(0) { $0 + counter.value($1.condition) })
            }
        }
        text.family("tacit_backend_call_duration_seconds", "histogram", "Time that a call of a secrets manager took.")
        for (type, scopes) in byType {
            var durations = scopes[0].condition.durations
            for scope in scopes.dropFirst() { durations.add(scope.condition.durations) }
            text.histogram("tacit_backend_call_duration_seconds", [("type", type)], durations)
        }
        text.family("tacit_backend_breakers", "gauge", "Scopes, by the state of the breaker before their manager.")
        for (type, scopes) in byType {
            for state in ["closed", "open", "half open"] {
                let labels = [("type", type), ("state", state.replacing(" ", with: "_"))]
                text.sample("tacit_backend_breakers", labels, scopes.count { $0.condition.breaker == state })
            }
        }
        let gauges: [(name: String, help: String, value: (Budget.Condition) -> Int)] = [
            ("tacit_backend_failing", "Scopes whose manager failed the last call.", { $0.isFailing ? 1 : 0 }),
            ("tacit_backend_waiting", "Calls that wait for their turn.", { $0.waiting }),
        ]
        for gauge in gauges {
            text.family(gauge.name, "gauge", gauge.help)
            for (type, scopes) in byType {
                text.sample(gauge.name, [("type", type)], scopes.reduce(0) { $0 + gauge.value($1.condition) })
            }
        }
        text.family(
            "tacit_backend_oldest_stale_seconds",
            "gauge",
            "Age of the oldest value beyond its lifetime; else 0."
        )
        for (type, scopes) in byType {
            let oldest = Double(scopes.compactMap(\.oldestStale).max() ?? 0) / 1_000_000_000
            text.sample("tacit_backend_oldest_stale_seconds", [("type", type)], oldest)
        }
    }

    func audit(_ text: inout PrometheusText) {
        let audit = collector.services.audit.statistics
        text.family("tacit_audit_records_total", "counter", "Audit records written.")
        text.family("tacit_audit_dropped_total", "counter", "Audit records lost.")
        text.family("tacit_audit_failures_total", "counter", "Writes of audit records that failed.")
        text.family(
            "tacit_audit_last_write_timestamp_seconds",
            "gauge",
            "When audit records were written last, in seconds since 1970."
        )
        guard let audit else { return }
        text.sample("tacit_audit_records_total", [], audit.written)
        text.sample("tacit_audit_dropped_total", [], audit.dropped)
        text.sample("tacit_audit_failures_total", [], audit.failures)
        guard let last = audit.lastWrite else { return }
        text.sample("tacit_audit_last_write_timestamp_seconds", [], Double(last) / 1000)
    }

    func certificates(_ text: inout PrometheusText) {
        let context = collector.snapshot.context
        text.gauge(
            "tacit_certificate_start_timestamp_seconds",
            "When the agent's certificate began to hold, in seconds since 1970.",
            context.certificateStart
        )
        text.gauge(
            "tacit_certificate_expiry_timestamp_seconds",
            "When the agent's certificate ends, in seconds since 1970.",
            context.certificateExpiry
        )
        text.family(
            "tacit_revocation_list_expiry_timestamp_seconds",
            "gauge",
            "When the revocation list is to be replaced, in seconds since 1970."
        )
        if let expiry = context.revocationListExpiry {
            text.sample("tacit_revocation_list_expiry_timestamp_seconds", [], expiry)
        }
        let state = collector.reloadState
        text.family("tacit_reloads_total", "counter", "Reloads that were taken, by what was read.")
        text.sample("tacit_reloads_total", [("kind", "configuration")], state.taken)
        text.sample("tacit_reloads_total", [("kind", "certificates")], state.certificatesTaken)
        text.family("tacit_reload_failures_total", "counter", "Reloads that were refused, by what was read.")
        text.sample("tacit_reload_failures_total", [("kind", "configuration")], state.refused)
        text.sample("tacit_reload_failures_total", [("kind", "certificates")], state.certificatesRefused)
        text.gauge(
            "tacit_reload_refused",
            "Whether the last reload was refused, so that what was before it is still in force.",
            state.problem != nil || state.certificateProblem != nil ? 1 : 0
        )
    }
}
