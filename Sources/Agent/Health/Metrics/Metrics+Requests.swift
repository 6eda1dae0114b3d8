internal import Secrets
internal import Synchronization

/// Figures of requests and of those who make them.
extension Metrics {
    func requests(_ text: inout PrometheusText) {
        let totals = collector.totals
        text.family("tacit_requests_total", "counter", "Requests answered, by method and outcome.")
        for request in RequestMetric.allCases {
            for outcome in OutcomeMetric.allCases {
                let count = totals.requests(request, outcome)
                guard count > 0 else { continue }
                text.sample("tacit_requests_total", [("method", "\(request)"), ("outcome", "\(outcome)")], count)
            }
        }
        text.family("tacit_request_duration_seconds", "histogram", "Time from a request's frame to its answer's.")
        for request in RequestMetric.allCases {
            let counts = totals.latency(request)
            guard request == .get || counts.contains(where: { $0 > 0 }) else { continue }
            text.histogram(
                "tacit_request_duration_seconds",
                [("method", "\(request)")],
                bounds: LoopMetrics.latencyBounds.map { Double($0) / 1_000_000 },
                counts: counts,
                sum: Double(totals.sum { $0.latencyNanoseconds(request) }) / 1_000_000_000
            )
        }
        text.gauge(
            "tacit_requests_pending",
            "Requests that wait for a secrets manager.",
            totals.sum { $0.pending.load(ordering: .relaxed) }
        )
        text.family(
            "tacit_denials_total",
            "counter",
            "Requests, and references of batches, that were denied, by reason."
        )
        for refusal in Decision.Refusal.allCases {
            let labels = [("reason", refusal.rawValue.lowercased())]
            text.sample("tacit_denials_total", labels, totals.sum { $0.denialCount(refusal) })
        }
    }

    func connections(_ text: inout PrometheusText) {
        text.family("tacit_connections", "gauge", "Authenticated connections, by the type of service at the other end.")
        for service in ServiceMetric.allCases {
            let count = collector.totals.sum { $0.connectionCount(service) }
            text.sample("tacit_connections", [("service", "\(service)")], count)
        }
        let handshakes = collector.door.statistics
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

    func values(_ text: inout PrometheusText) {
        let totals = collector.totals
        text.counter("tacit_cache_hits_total", "Values that were answered from the cache.", totals.requests(.hit))
        text.counter(
            "tacit_cache_misses_total",
            "Values that were answered after a secrets manager was asked.",
            totals.requests(.fresh) + totals.requests(.stale)
        )
        let cache = collector.services.resolver.cache.statistics
        text.gauge("tacit_cache_entries", "Entries held, \"not found\" included.", cache.entries)
        text.gauge("tacit_cache_bytes", "Bytes of plaintext held.", cache.bytes)
        text.counter("tacit_cache_evictions_total", "Entries that went to make room.", cache.evictions)
        text.counter("tacit_cache_expirations_total", "Entries that were zeroed at their deadline.", cache.expirations)
        text.family("tacit_expiry_lateness_seconds", "histogram", "Time from a value's deadline until it was zeroed.")
        text.histogram("tacit_expiry_lateness_seconds", [], collector.reaper.lateness)
    }
}
