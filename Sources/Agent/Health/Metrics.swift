internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The agent's figures in the format that Prometheus reads.
struct Metrics {
    let collector: HealthCollector

    func exposition() -> String {
        var text = PrometheusText()
        requests(&text)
        connections(&text)
        memory(&text)
        values(&text)
        operations(&text)
        return text.text
    }

    private func requests(_ text: inout PrometheusText) {
        let loops = collector.loopMetrics
        text.family("tacit_requests_total", "counter", "Requests answered, by method and outcome.")
        for request in RequestMetric.allCases {
            for outcome in OutcomeMetric.allCases {
                let count = loops.reduce(UInt64(0)) { $0 + $1.requestCount(request, outcome) }
                guard count > 0 else { continue }
                text.sample("tacit_requests_total", [("method", "\(request)"), ("outcome", "\(outcome)")], count)
            }
        }
        let counts = (0...LoopMetrics.latencyBounds.count).map { bucket in
            loops.reduce(UInt64(0)) { $0 + $1.latencyCount(bucket: bucket) }
        }
        text.histogram(
            "tacit_request_duration_seconds",
            "Time from a request's frame to its answer's.",
            bounds: LoopMetrics.latencyBounds.map { Double($0) / 1_000_000 },
            counts: counts,
            sum: Double(loops.reduce(UInt64(0)) { $0 + $1.latencyNanoseconds }) / 1_000_000_000
        )
        text.gauge(
            "tacit_requests_pending",
            "Requests that wait for a secrets manager.",
            loops.reduce(0) { $0 + $1.pending.load(ordering: .relaxed) }
        )
    }

    private func connections(_ text: inout PrometheusText) {
        text.gauge(
            "tacit_connections",
            "Authenticated connections.",
            collector.loopMetrics.reduce(0) { $0 + $1.connections.load(ordering: .relaxed) }
        )
        let handshakes = collector.handshakes
        text.counter("tacit_handshakes_total", "Handshakes that went well.", handshakes.accepted)
        text.counter(
            "tacit_handshakes_resumed_total",
            "Handshakes that took up an earlier session.",
            handshakes.resumed
        )
        text.family("tacit_handshakes_refused_total", "counter", "Handshakes that were refused, by reason.")
        for (reason, count) in handshakes.refused.sorted(by: { $0.key < $1.key }) {
            text.sample("tacit_handshakes_refused_total", [("reason", reason)], count)
        }
    }

    private func memory(_ text: inout PrometheusText) {
        let usage = Arena.usage
        text.gauge("tacit_memory_mapped_bytes", "Locked memory mapped.", usage.mappedBytes)
        text.gauge("tacit_memory_maximum_bytes", "Locked memory that may be mapped.", usage.maximumBytes)
        text.family("tacit_memory_used_bytes", "gauge", "Locked memory in use, by purpose.")
        for account in MemoryAccount.allCases {
            text.sample("tacit_memory_used_bytes", [("purpose", "\(account)")], usage.bytes[account] ?? 0)
        }
        text.family("tacit_protection", "gauge", "Whether the kernel granted a protection.")
        let report = collector.protections
        let granted = [
            ("memory_locked", usage.level >= .locked), ("memory_secret", usage.level >= .secret),
            ("not_dumpable", report.notDumpable), ("no_core_files", report.noCoreFiles),
            ("no_new_privileges", report.noNewPrivileges),
        ]
        for (name, isGranted) in granted {
            text.sample("tacit_protection", [("name", name)], isGranted ? 1 : 0)
        }
    }

    private func values(_ text: inout PrometheusText) {
        let cache = collector.cacheStatistics
        text.gauge("tacit_cache_entries", "Entries held, \"not found\" included.", cache.entries)
        text.gauge("tacit_cache_bytes", "Bytes of plaintext held.", cache.bytes)
        text.counter("tacit_cache_evictions_total", "Entries that went to make room.", cache.evictions)
        text.counter("tacit_cache_expirations_total", "Entries that were zeroed at their deadline.", cache.expirations)
        let lateness = collector.lateness
        text.histogram(
            "tacit_expiry_lateness_seconds",
            "Time from a value's deadline until it was zeroed.",
            bounds: Reaper.Lateness.bounds.map { Double($0) / 1_000_000_000 },
            counts: lateness.counts,
            sum: Double(lateness.sumNanoseconds) / 1_000_000_000
        )
    }

    /// By the manager's type: a scope's name would be a namespace's.
    private func backends(_ text: inout PrometheusText) {
        let byType = Dictionary(grouping: collector.backendConditions, by: \.type).sorted { $0.key < $1.key }
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
        let gauges: [(name: String, help: String, value: (Budget.Condition) -> Int)] = [
            ("tacit_backend_breakers_open", "Scopes whose manager is left alone.", { $0.isOpen ? 1 : 0 }),
            ("tacit_backend_failing", "Scopes whose manager failed the last call.", { $0.isFailing ? 1 : 0 }),
            ("tacit_backend_waiting", "Calls that wait for their turn.", { $0.waiting }),
        ]
        for gauge in gauges {
            text.family(gauge.name, "gauge", gauge.help)
            for (type, scopes) in byType {
                text.sample(gauge.name, [("type", type)], scopes.reduce(0) { $0 + gauge.value($1.condition) })
            }
        }
    }

    private func operations(_ text: inout PrometheusText) {
        backends(&text)
        if let audit = collector.auditStatistics {
            text.counter("tacit_audit_records_total", "Audit records written.", audit.written)
            text.counter("tacit_audit_dropped_total", "Audit records lost.", audit.dropped)
            text.counter("tacit_audit_failures_total", "Writes of audit records that failed.", audit.failures)
        }
        text.gauge(
            "tacit_certificate_expiry_timestamp_seconds",
            "When the agent's certificate ends, in seconds since 1970.",
            collector.certificateExpiry
        )
        text.gauge(
            "tacit_reload_refused",
            "Whether the last reload was refused, so that what was before it is still in force.",
            collector.isReloadRefused ? 1 : 0
        )
        text.gauge("tacit_up", "Whether the agent's own parts are up.", collector.report().status == .up ? 1 : 0)
    }
}
