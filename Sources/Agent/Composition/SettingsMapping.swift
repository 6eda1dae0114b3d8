internal import Configuration
internal import Secrets
internal import Wire

/// From what was configured to what the domain works with.
extension Policy {
    convenience init(_ settings: PolicySettings, generation: UInt64) throws(PolicyFault) {
        self.init(
            grants: try settings.grants.map { (rule) throws(PolicyFault) in try PolicyRule(rule, isDenial: false) },
            denials: try settings.denials.map { (rule) throws(PolicyFault) in try PolicyRule(rule, isDenial: true) },
            generation: generation
        )
    }
}

extension PolicyRule {
    /// What a denial leaves out it means all of; what a grant leaves out it does not grant.
    fileprivate init(_ rule: RuleSettings, isDenial: Bool) throws(PolicyFault) {
        var operations = rule.operations.reduce(into: Operations()) { operations, name in
            if let operation = Operation(rawValue: name.rawValue) { operations.insert(Operations(operation)) }
        }
        if isDenial, rule.operations.isEmpty {
            operations = Operation.allCases.reduce(into: Operations()) { $0.insert(Operations($1)) }
        }
        do throws(PolicyFault) {
            try self.init(
                identity: rule.identity,
                service: rule.service,
                tenant: rule.tenant ?? "*",
                namespaces: isDenial && rule.namespaces.isEmpty ? ["**"] : rule.namespaces,
                keys: isDenial && rule.keys.isEmpty ? ["*"] : rule.keys,
                operations: operations,
                uid: rule.uid,
                gid: rule.gid
            )
        } catch {
            throw PolicyFault("\(rule.name): \(error)")
        }
    }
}

extension CachePolicy {
    init(_ settings: CacheSettings) {
        self.init()
        isEnabled = settings.enabled
        expireAfterWrite = settings.expireAfterWrite
        refreshAfterWrite = settings.refreshAfterWrite
        serveStaleFor = settings.serveStaleFor
        expireNotFound = settings.expireNotFound
    }
}

extension BudgetRules {
    init(_ settings: BudgetSettings, _ retries: RetrySettings) {
        self.init()
        concurrency = settings.concurrency
        queueLimit = settings.queueLimit
        callsPerSecond = settings.callsPerSecond.map(Double.init)
        burst = settings.burst
        breaker.failures = settings.breakerFailures
        breaker.openFor = settings.breakerOpenFor
        breaker.longestOpen = settings.breakerLongestOpen
        self.retries.attempts = retries.attempts
        self.retries.delay = retries.delay
        self.retries.multiplier = retries.multiplier
        self.retries.maximumDelay = retries.maximumDelay
    }
}

extension CacheBounds {
    init(_ settings: CacheSettings) {
        self.init()
        maximumSize = settings.maximumSize
        maximumBytes = settings.maximumBytes
    }
}

extension Isolation {
    init(_ settings: IsolationSettings) {
        self.init(denied: Set(settings.denied.compactMap { ServiceType(rawValue: $0.rawValue) }))
    }
}

extension AgentLimits {
    init(_ settings: AgentSettings) {
        self.init()
        let limits = settings.limits
        connections = limits.connections
        handshakesPerSecond = limits.handshakesPerSecond
        handshakeTimeout = limits.handshakeTimeout
        idleTimeout = limits.idleTimeout
        requestTimeout = limits.requestTimeout
        shutdownGrace = settings.shutdownGrace
        wire = WireLimits(payloadBytes: limits.payload, openRequests: limits.requestsPerConnection)
    }
}

extension AgentSettings {
    /// Keys whose values differ from those that the agent was started with, and that a reload leaves as they were.
    func sectionsThatNeedRestart(since start: AgentSettings) -> [String] {
        let sections = [
            ("tacit.node", node == start.node), ("tacit.listeners", listeners == start.listeners),
            ("tacit.memory", memory == start.memory), ("tacit.audit", audit == start.audit),
            ("tacit.health", health == start.health), ("tacit.registry", registry.isLike(start.registry)),
            ("kestra.server.liveness.interval", kestra.liveness.interval == start.kestra.liveness.interval),
            ("tacit.limits", limits == start.limits),
        ]
        return sections.filter { !$0.1 }.map(\.0)
    }
}
