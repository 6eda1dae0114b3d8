internal import CLinux
internal import Configuration
internal import Liveness
internal import Logging
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Making the parts, in the order in which they need each other.
extension Agent {
    func assemble(
        _ settings: AgentSettings,
        _ snapshot: Snapshot,
        _ service: ServiceVariables
    ) throws(AgentFailure) -> (Parts, [ThreadBox]) {
        do {
            let audit = try AuditTrail(log: try auditLog(settings), isRequired: settings.audit.required)
            let cache = Cache(bounds: CacheBounds(settings.kestra.secret.cache))
            let services = Services(
                node: settings.node,
                resolver: SecretResolver(cache: cache),
                audit: audit,
                clients: ClientRegistry(defaults: LivenessRules(settings.kestra)),
                log: log
            )
            let limits = AgentLimits(settings)
            let listeners = try listeners(settings.listeners, service)
            let count = settings.limits.loops ?? min(4, Int(linux_processor_count()))
            let loops = try (0..<count).map { number in
                try ConnectionLoop(number: number, services: services, limits: limits, snapshot: snapshot)
            }
            let door = try HandshakeLoop(
                services: services,
                limits: limits,
                snapshot: snapshot,
                listeners: listeners,
                loops: loops
            )
            let reaper = try Reaper(cache: cache)
            let health = try HealthCollector(
                services: services,
                loops: loops,
                door: door,
                reaper: reaper,
                hardening: hardening,
                snapshot: snapshot,
                listening: listeners.map { "\($0.listener.address)" }
            )
            services.healthBoard.set { health.report() }
            services.loopInboxes.withLock { $0 = loops.map(\.inbox) }
            let endpoint = try settings.health.address.map { address in
                try HealthEndpoint(address, collector: health) { [self] in
                    isReady.load(ordering: .acquiring) && !services.fence.isUp
                }
            }
            let nodes = try RegistryOpener.open(settings).map { registry in
                NodeRegistry(
                    registry,
                    rules: LivenessRules(settings.kestra),
                    purge: RegistryMember.Purge(settings.kestra.purge),
                    services: services,
                    listeners: listeners.map { "\($0.listener.address)" }
                )
            }
            services.nodes.withLock { $0 = nodes }
            try audit.start()
            try reaper.start()
            try health.start()
            #if MEMORY_PROBE
                try ProbeServer.start()
            #endif
            let notifier = ServiceNotifier(socketName: service.notifySocket)
            let watchdog = try service.watchdogMicroseconds.map {
                try Watchdog(microseconds: $0, notifier, log: log) { health.isAlive }
            }
            var threads: [ThreadBox] = []
            for (index, loop) in loops.enumerated() {
                threads.append(ThreadBox(try DedicatedThread(name: "tacit-loop-\(index)") { loop.run() }))
            }
            threads.append(ThreadBox(try DedicatedThread(name: "tacit-door") { door.run() }))
            let judge = try ClientJudge(services)
            try nodes?.start()
            let parts = Parts(
                loops: loops,
                door: door,
                reaper: reaper,
                services: services,
                health: health,
                endpoint: endpoint,
                judge: judge,
                nodes: nodes,
                notifier: notifier,
                watchdog: watchdog,
                listening: listeners.map { "\($0.listener.address)" }.joined(separator: " ")
            )
            return (parts, threads)
        } catch let error as AgentFailure {
            throw error
        } catch {
            throw AgentFailure("\(error)", mayPass: true)
        }
    }

    /// Takes the sockets that were passed, and opens the others.
    private func listeners(
        _ settings: [ListenerSettings],
        _ service: ServiceVariables
    ) throws -> [HandshakeLoop.ListenerBox] {
        var inherited = try InheritedSockets(count: service.socketCount, names: service.socketNames)
        let passed = settings.map { inherited.take($0.address) }
        try inherited.refuseRest(listeners: settings)
        return try zip(settings, passed).map { settings, descriptor in
            guard let descriptor else { return HandshakeLoop.ListenerBox(try Listener(settings)) }
            return HandshakeLoop.ListenerBox(Listener(inheriting: descriptor, settings.address))
        }
    }

    /// - Returns: nil where no audit is wanted.
    private func auditLog(_ settings: AgentSettings) throws(AgentFailure) -> AuditLog? {
        let path: String?
        switch settings.audit.destination {
        case .off:
            log.warning("no audit is kept: nobody will be able to tell who was given which secret")
            return nil
        case .standardOutput: path = nil
        case .file(let file): path = file
        }
        do throws(AuditLog.Failure) { return try AuditLog(path: path, node: settings.node) } catch {
            throw AgentFailure("tacit.audit.file: \(error)", mayPass: true)
        }
    }
}
