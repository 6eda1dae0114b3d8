internal import Liveness
internal import SecretMemory
internal import Secrets
internal import Synchronization
internal import TLS

/// Figures for people.
extension HealthCollector {
    /// - Parameter isReady: whether the agent takes new requests.
    func overview(isReady: Bool) -> StatusOverview {
        StatusOverview(
            node: services.node,
            version: AgentVersion.current,
            uptime: Words.duration(BootInstant.now.nanoseconds(since: startedAt)),
            isReady: isReady,
            figures: figures(),
            tables: [requestsTable(), connectionsTable(), denialsTable(), managersTable(), nodesTable()].compactMap {
                $0
            }
        )
    }

    private func figures() -> [StatusOverview.Figure] {
        let totals = totals
        let counters = totals.counters
        let recent = selfWatch.seen.recent.since(counters, at: .now)
        let hits = totals.requests(.hit)
        let misses = totals.requests(.fresh) + totals.requests(.stale)
        let cache = services.resolver.cache.statistics
        let next = cache.nextDeadline.map { max(0, $0.nanoseconds(since: .now)) }
        let usage = Arena.usage
        let days = snapshot.context.certificateDaysLeft()
        let pending = services.pendingRequests.load(ordering: .relaxed)
        return [
            .init(
                label: "Requests",
                value: recent.map { Words.rate($0.counters.requests, in: $0.nanoseconds) } ?? "–",
                note: "\(Words.count(counters.requests)) since the start"
            ),
            .init(
                label: "From the cache",
                value: Words.share(hits, of: hits + misses),
                note: "\(Words.count(hits)) hits, \(Words.count(misses)) misses"
            ),
            .init(
                label: "Reads, p50",
                value: Self.latency(0.5, recent?.counters.latency ?? counters.latency),
                note: "half of them, last minute"
            ),
            .init(
                label: "Reads, p99",
                value: Self.latency(0.99, recent?.counters.latency ?? counters.latency),
                note: "99 of 100, last minute"
            ),
            .init(
                label: "Connections",
                value: Words.count(UInt64(max(0, totals.connections))),
                note: pending == 1 ? "1 request waits" : "\(pending) requests wait"
            ),
            .init(
                label: "Values held",
                value: Words.count(UInt64(max(0, cache.entries))),
                note: next.map { "the next goes in \(Words.duration($0))" } ?? "none is to expire"
            ),
            .init(
                label: "Locked memory",
                value: Words.bytes(usage.mappedBytes),
                note: "of at most \(Words.bytes(usage.maximumBytes))"
            ),
            .init(
                label: "Certificate",
                value: days == 1 ? "1 day" : "\(days) days",
                note: "until the agent's own ends"
            ),
        ]
    }

    /// The bound of the bucket that this part of all requests stayed within.
    private static func latency(_ part: Double, _ counts: [UInt64]) -> String {
        guard let bucket = counts.bucket(of: part) else { return "–" }
        let bounds = LoopMetrics.latencyBounds
        guard bucket < bounds.count else { return "> \(Words.duration(bounds[bounds.count - 1] * 1000))" }
        return "≤ \(Words.duration(bounds[bucket] * 1000))"
    }

    private func requestsTable() -> StatusOverview.Table {
        let totals = totals
        let rows = RequestMetric.allCases.compactMap { request -> [String]? in
            func count(_ outcomes: OutcomeMetric...) -> UInt64 {
                outcomes.reduce(0) { $0 + totals.requests(request, $1) }
            }
            let all = OutcomeMetric.allCases.reduce(UInt64(0)) { $0 + totals.requests(request, $1) }
            guard all > 0 else { return nil }
            let latency = totals.latency(request)
            return [
                "\(request)", Words.count(all), Words.count(count(.hit)), Words.count(count(.fresh)),
                Words.count(count(.stale)), Words.count(count(.notFound)), Words.count(count(.denied)),
                Words.count(count(.invalid, .failed, .cancelled, .timedOut)), Self.latency(0.5, latency),
                Self.latency(0.99, latency),
            ]
        }
        return StatusOverview.Table(
            id: "requests",
            title: "Requests",
            note:
                "Since the start. Fresh values came from a manager, stale ones outlived their time because it was away.",
            columns: [.init(title: "Method")]
                + ["Answered", "Hits", "Fresh", "Stale", "Not found", "Denied", "Failed", "p50", "p99"].map {
                    .init(title: $0, kind: .number)
                },
            rows: rows,
            empty: "Nothing has been asked for yet."
        )
    }

    private func connectionsTable() -> StatusOverview.Table {
        let totals = totals
        let rows = ServiceMetric.allCases.compactMap { service -> [String]? in
            let count = totals.sum { $0.connectionCount(service) }
            guard count > 0 else { return nil }
            return ["\(service)", Words.count(count)]
        }
        return StatusOverview.Table(
            id: "connections",
            title: "Connections by service",
            columns: [.init(title: "Service"), .init(title: "Open", kind: .number)],
            rows: rows,
            empty: "Nobody is connected."
        )
    }

    private func denialsTable() -> StatusOverview.Table {
        let totals = totals
        let rows = Decision.Refusal.allCases.compactMap { refusal -> [String]? in
            let count = totals.sum { $0.denialCount(refusal) }
            guard count > 0 else { return nil }
            return [refusal.rawValue.lowercased().replacing("_", with: " "), Words.count(count)]
        }
        return StatusOverview.Table(
            id: "denials",
            title: "Denials by reason",
            columns: [.init(title: "Reason"), .init(title: "Denied", kind: .number)],
            rows: rows,
            empty: "Nobody was denied anything."
        )
    }

    /// By type: a scope's name would be a namespace's.
    private func managersTable() -> StatusOverview.Table {
        let rows = conditionsByType.map { type, scopes -> [String] in
            var durations = scopes[0].condition.durations
            for scope in scopes.dropFirst() { durations.add(scope.condition.durations) }
            let now = BootInstant.now
            let success = scopes.compactMap(\.condition.lastSuccess).max().map { now.nanoseconds(since: $0) }
            return [
                type, "\(scopes.count)", "\(scopes.count { $0.condition.isFailing })",
                "\(scopes.count { $0.condition.isOpen })",
                Words.count(scopes.reduce(0) { $0 + $1.condition.calls }),
                Words.count(scopes.reduce(0) { $0 + $1.condition.failures }), Self.callTime(0.99, durations),
                success.map { "\(Words.duration($0)) ago" } ?? "–",
                scopes.compactMap(\.oldestStale).max().map { Words.duration($0) } ?? "–",
            ]
        }
        return StatusOverview.Table(
            id: "managers",
            title: "Secrets managers",
            note: "By type; all scopes of a type together.",
            columns: [.init(title: "Type")]
                + [
                    "Scopes", "Failing", "Left alone", "Calls", "Failed", "p99", "Last success", "Oldest stale",
                ].map { .init(title: $0, kind: .number) },
            rows: rows,
            empty: "None is configured."
        )
    }

    private static func callTime(_ part: Double, _ durations: DurationHistogram) -> String {
        guard let bucket = durations.counts.bucket(of: part) else { return "–" }
        guard bucket < durations.bounds.count else { return "> \(Words.duration(durations.bounds.last ?? 0))" }
        return "≤ \(Words.duration(durations.bounds[bucket]))"
    }

    /// nil where there is no registry of nodes.
    private func nodesTable() -> StatusOverview.Table? {
        guard let nodes = services.nodes.withLock({ $0 }) else { return nil }
        // What is shown is what was read last; who looks has it read anew, for whoever looks next.
        nodes.wantListing()
        let condition = nodes.current
        let now = BootInstant.now
        let age = condition.listedAt.map { max(0, now.nanoseconds(since: $0)) } ?? 0
        let living = (condition.listing?.rows ?? []).filter { !$0.instance.state.hasEnded }
        let rows = living.sorted { $0.instance.server.node < $1.instance.server.node }.prefix(Self.nodeLimit).map {
            row in
            [
                row.instance.server.node, Self.status(row.instance).rawValue, row.instance.state.rawValue,
                "\(Words.duration(row.silence.nanoseconds + age)) ago", row.instance.server.version,
                row.instance.problems.joined(separator: ", "),
            ]
        }
        let more = living.count - rows.count
        return StatusOverview.Table(
            id: "nodes",
            title: "Nodes",
            note: more > 0 ? "And \(more) more: tacit nodes shows them." : "",
            columns: [
                .init(title: "Node"), .init(title: "Is", kind: .state), .init(title: "State"),
                .init(title: "Last beat", kind: .number), .init(title: "Version"), .init(title: "Parts that are down"),
            ],
            rows: Array(rows),
            empty: "The registry has not been read yet."
        )
    }

    private static func status(_ instance: ServiceInstance) -> HealthStatus {
        switch instance.state {
        case .created, .running, .maintenance: instance.problems.isEmpty ? .up : .down
        case .terminating: .unknown
        default: .down
        }
    }

    /// Most nodes that are shown.
    private static let nodeLimit = 200
}
