internal import Backends
internal import CLinux
internal import Configuration
internal import EventLoop
internal import Glibc
internal import Logging
package import SecretMemory
internal import Secrets
internal import Synchronization
internal import TLS

/// One agent: all its parts, their start, their reload and their end.
package final class Agent: Sendable {
    /// How often files are looked at for changes, in milliseconds.
    private static let watchInterval: CInt = 2000

    /// What the parts are made of, once they stand.
    private struct Parts: Sendable {
        let loops: [ConnectionLoop]
        let door: HandshakeLoop
        let reaper: Reaper
        let services: Services
        let health: HealthCollector
        let endpoint: HealthEndpoint?
    }

    private let files: [String]
    private let hardening: Hardening.Report
    private let log: Logger
    private let environment = ProcessEnvironment()
    private let isReady = Atomic(false)

    /// - Parameters:
    ///   - files: configuration files, in order; `-` is standard input.
    ///   - hardening: what the kernel granted in the first lines of main.
    package init(files: [String], hardening: Hardening.Report) {
        self.files = files
        self.hardening = hardening
        AgentLog.bootstrap()
        log = Logger(label: "tacit")
    }

    /// Starts, serves until told to end, and ends.
    package func run() async throws(AgentFailure) {
        let signals: Signals
        do throws(SystemFailure) { signals = try Signals() } catch { throw AgentFailure("\(error)") }
        linux_raise_descriptor_limit()
        let configuration = try load()
        AgentLog.configure(configuration.settings.log)
        for note in configuration.notes { log.info("\(note)") }
        for warning in configuration.warnings { log.warning("\(warning)") }
        try lockMemory(configuration.settings.memory)
        var builder = SnapshotBuilder(environment: environment, log: log)
        let snapshot = try await builder.build(configuration.settings)
        let (parts, threads) = try assemble(configuration.settings, snapshot)
        if configuration.settings.kestra.deleteFilesOnStart {
            for problem in ConfigurationFiles.delete(configuration.files) { log.error("\(problem)") }
        }
        ready(parts, configuration.settings)
        let state = RunningState(settings: configuration.settings, snapshot: snapshot)
        await serve(signals, parts, state, &builder)
        await stop(parts, threads, state, signals)
    }

    // MARK: Starting

    private func load() throws(AgentFailure) -> LoadedConfiguration {
        // Secrets of the configuration passed through this thread's stack.
        defer { Hardening.scrubStack() }
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) {
            loaded = try Configuration.load(files: files, environment: environment, catalogue: Catalogue.managers)
        } catch {
            throw AgentFailure("\(error)")
        }
        // They are in locked memory now, and must not be in the environment block any longer.
        do throws(MemoryError) {
            try environment.erase(loaded.secretVariables)
            try Catalogue.hideVariables(of: environment)
        } catch {
            throw AgentFailure("there is no locked memory for the secrets of the environment: \(error)")
        }
        return loaded
    }

    private func lockMemory(_ settings: MemorySettings) throws(AgentFailure) {
        do throws(LockRefusal) {
            try Arena.configure(
                initialBytes: settings.initial,
                maximumBytes: settings.maximum,
                required: settings.lock == .required
            )
        } catch {
            throw AgentFailure("\(error)")
        }
        let usage = Arena.usage
        if usage.level < .locked {
            log.warning(
                "secrets are held in memory that may be swapped out",
                metadata: ["reason": "\(usage.lastRefusal?.description ?? "")"]
            )
        }
    }

    private func assemble(
        _ settings: AgentSettings,
        _ snapshot: Snapshot
    ) throws(AgentFailure) -> (Parts, [ThreadBox]) {
        do {
            let audit = try AuditTrail(log: try auditLog(settings), isRequired: settings.audit.required)
            let cache = Cache(bounds: CacheBounds(settings.kestra.secret.cache))
            let services = Services(
                node: settings.node,
                resolver: SecretResolver(cache: cache),
                audit: audit,
                log: log
            )
            let limits = AgentLimits(settings)
            let listeners = try settings.listeners.map { HandshakeLoop.ListenerBox(try Listener($0)) }
            let count = settings.limits.loops ?? min(4, Int(linux_processor_count()))
            let loops = try (0..<count).map { _ in
                try ConnectionLoop(services: services, limits: limits, snapshot: snapshot)
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
            services.health.withLock { $0.report = { health.report() } }
            let endpoint = try settings.health.address.map { address in
                try HealthEndpoint(address, collector: health) { [self] in isReady.load(ordering: .acquiring) }
            }
            try audit.start()
            try reaper.start()
            try health.start()
            #if MEMORY_PROBE
                try ProbeServer.start()
            #endif
            var threads: [ThreadBox] = []
            for (index, loop) in loops.enumerated() {
                threads.append(ThreadBox(try DedicatedThread(name: "tacit-loop-\(index)") { loop.run() }))
            }
            threads.append(ThreadBox(try DedicatedThread(name: "tacit-door") { door.run() }))
            let parts = Parts(
                loops: loops,
                door: door,
                reaper: reaper,
                services: services,
                health: health,
                endpoint: endpoint
            )
            return (parts, threads)
        } catch let error as AgentFailure {
            throw error
        } catch {
            throw AgentFailure("\(error)", mayPass: true)
        }
    }

    private func auditLog(_ settings: AgentSettings) throws(AgentFailure) -> AuditLog {
        do throws(AuditLog.Failure) { return try AuditLog(path: settings.audit.file, node: settings.node) } catch {
            throw AgentFailure("tacit.audit.file: \(error)", mayPass: true)
        }
    }

    private func ready(_ parts: Parts, _ settings: AgentSettings) {
        isReady.store(true, ordering: .releasing)
        let log = log
        parts.endpoint?.start { log.error("the health endpoint has lost its socket") }
        ServiceNotifier.send("READY=1")
        log.notice(
            "ready",
            metadata: [
                "node": "\(settings.node)", "version": "\(AgentVersion.current)", "memory": "\(Arena.usage.level)",
                "listening": "\(settings.listeners.map { "\($0.address)" }.joined(separator: " "))",
            ]
        )
        // Reading the configuration and making the TLS contexts ran code that serving never runs again.
        malloc_trim(0)
        linux_release_code_pages()
    }

    // MARK: Serving

    /// What is in force now; used by the thread that serves signals alone.
    private final class RunningState {
        /// What the parts were made with that a reload does not make anew.
        let atStart: AgentSettings
        var settings: AgentSettings {
            didSet {
                if settings.tls != oldValue.tls { certificateWatch = FileWatch(Self.paths(settings.tls)) }
            }
        }
        var snapshot: Snapshot
        var configurationWatch: FileWatch
        var certificateWatch: FileWatch

        init(settings: AgentSettings, snapshot: Snapshot) {
            atStart = settings
            self.settings = settings
            self.snapshot = snapshot
            configurationWatch = FileWatch([])
            certificateWatch = FileWatch(Self.paths(settings.tls))
        }

        func watch(_ files: [String]) {
            configurationWatch = FileWatch(files)
            certificateWatch = FileWatch(Self.paths(settings.tls))
        }

        private static func paths(_ settings: TLSSettings) -> [String] {
            [settings.certificate, settings.privateKey, settings.clientCA, settings.revocationList].compactMap { $0 }
        }
    }

    private func serve(
        _ signals: borrowing Signals,
        _ parts: Parts,
        _ state: RunningState,
        _ builder: inout SnapshotBuilder
    ) async {
        let watched = state.settings.kestra.deleteFilesOnStart ? [] : files.filter { $0 != "-" }
        state.watch(watched)
        while true {
            switch signals.wait(milliseconds: Self.watchInterval) {
            case .terminate(let number):
                log.notice("told to end", metadata: ["signal": "\(number)"])
                return
            case .reload:
                reopenAudit(parts)
                // Looked at before they are read: what changes meanwhile is then read again.
                state.watch(watched)
                await reload(parts, state, &builder)
            case nil:
                if state.configurationWatch.hasChanged() {
                    await reload(parts, state, &builder)
                } else if state.certificateWatch.hasChanged() {
                    reloadCertificates(parts, state)
                }
            }
        }
    }

    private func reopenAudit(_ parts: Parts) {
        do throws(AuditLog.Failure) { try parts.services.audit.reopen() } catch {
            log.error("the audit file could not be opened anew", metadata: ["error": "\(error)"])
        }
    }

    /// Takes a new configuration whole, or keeps the old one whole.
    private func reload(_ parts: Parts, _ state: RunningState, _ builder: inout SnapshotBuilder) async {
        guard !files.contains("-"), !state.settings.kestra.deleteFilesOnStart else {
            return reloadCertificates(parts, state)
        }
        ServiceNotifier.send("RELOADING=1\nMONOTONIC_USEC=\(BootInstant.now.nanoseconds / 1000)")
        defer { ServiceNotifier.send("READY=1") }
        do throws(AgentFailure) {
            let loaded = try load()
            let snapshot = try await builder.build(loaded.settings)
            let old = state.snapshot
            state.settings = loaded.settings
            install(snapshot, parts, state)
            parts.services.resolver.cache.setBounds(CacheBounds(loaded.settings.kestra.secret.cache))
            _ = parts.services.resolver.cache.evict(tenant: nil, namespace: nil, key: nil)
            closeLater(old.scopes, loaded.settings.limits.requestTimeout)
            AgentLog.configure(loaded.settings.log)
            log.notice("the configuration was loaded anew")
            let waiting = loaded.settings.sectionsThatNeedRestart(since: state.atStart)
            if !waiting.isEmpty {
                log.warning(
                    "a part of it holds from the next start on",
                    metadata: ["keys": "\(waiting.joined(separator: " "))"]
                )
            }
        } catch {
            parts.health.noteRefusedReload(error.description)
            log.error("the new configuration was refused, the old one stays", metadata: ["error": "\(error)"])
        }
    }

    private func reloadCertificates(_ parts: Parts, _ state: RunningState) {
        do throws(AgentFailure) {
            install(try SnapshotBuilder.replacingCertificates(of: state.snapshot, state.settings.tls), parts, state)
            log.notice("certificates were loaded anew")
        } catch {
            parts.health.noteRefusedCertificates(error.description)
            log.error("the new certificates were refused, the old ones stay", metadata: ["error": "\(error)"])
        }
    }

    private func install(_ snapshot: Snapshot, _ parts: Parts, _ state: RunningState) {
        state.snapshot = snapshot
        parts.door.inbox.send(.replace(snapshot))
        for loop in parts.loops { loop.inbox.send(.replace(snapshot)) }
        parts.health.note(snapshot)
    }

    /// Requests that are under way may still use the old managers.
    private func closeLater(_ scopes: ScopeTable, _ delay: Duration) {
        Task.detached {
            try? await Task.sleep(for: delay + .seconds(1))
            await scopes.close()
        }
    }

    // MARK: Ending

    /// Takes nothing new, lets open requests finish within the grace, wipes, and ends. A second signal shortens the grace.
    private func stop(
        _ parts: Parts,
        _ threads: consuming [ThreadBox],
        _ state: RunningState,
        _ signals: borrowing Signals
    ) async {
        isReady.store(false, ordering: .releasing)
        ServiceNotifier.send("STOPPING=1")
        parts.door.inbox.send(.drain)
        for loop in parts.loops { loop.inbox.send(.drain) }
        let end = BootInstant.now.advanced(by: state.settings.shutdownGrace)
        while BootInstant.now < end,
            parts.loops.contains(where: { $0.metrics.connections.load(ordering: .relaxed) > 0 })
        {
            if case .terminate = signals.wait(milliseconds: 20) { break }
        }
        parts.door.inbox.send(.stop)
        for loop in parts.loops { loop.inbox.send(.stop) }
        for box in threads { box.join() }
        await parts.endpoint?.stop()
        parts.health.stop()
        parts.reaper.stop()
        _ = parts.services.resolver.cache.evict(tenant: nil, namespace: nil, key: nil)
        parts.services.audit.stop()
        await state.snapshot.scopes.close()
        log.notice("ended")
    }
}

/// A class box: a thread's handle cannot be copied into an array.
final class ThreadBox: Sendable {
    private let thread: Mutex<DedicatedThread?>

    init(_ thread: consuming sending DedicatedThread) { self.thread = Mutex(thread) }

    func join() {
        var taken: DedicatedThread? = nil
        thread.withLock { swap(&$0, &taken) }
        taken.take()?.join()
    }
}
