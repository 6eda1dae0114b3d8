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
    static let watchInterval: CInt = 2000
    /// How often it is looked for signals while managers are connected, in milliseconds.
    private static let signalInterval = 50

    /// What the parts are made of, once they stand.
    struct Parts: Sendable {
        let loops: [ConnectionLoop]
        let door: HandshakeLoop
        let reaper: Reaper
        let services: Services
        let health: HealthCollector
        let endpoint: HealthEndpoint?
        let judge: ClientJudge
        let nodes: NodeRegistry?
        let notifier: ServiceNotifier
        let watchdog: Watchdog?
        /// For people.
        let listening: String
    }

    let files: [String]
    let hardening: Hardening.Report
    let log: Logger
    private let environment = ProcessEnvironment()
    let isReady = Atomic(false)

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
        let service = try ServiceVariables.take()
        let notifier = ServiceNotifier(socketName: service.notifySocket)
        linux_raise_descriptor_limit()
        let configuration = try load()
        AgentLog.configure(configuration.settings.log)
        for note in configuration.notes { log.info("\(note)") }
        for warning in configuration.warnings.map({ "\($0)" }) + service.warnings { log.warning("\(warning)") }
        try lockMemory(configuration.settings.memory)
        notifier.send(.status("connecting the secrets managers"))
        var builder = SnapshotBuilder(environment: environment, log: log)
        guard let snapshot = try await build(configuration.settings, &builder, signals) else {
            return log.notice("told to end before it served")
        }
        let (parts, threads) = try assemble(configuration.settings, snapshot, service)
        if configuration.settings.kestra.deleteFilesOnStart {
            for problem in ConfigurationFiles.delete(configuration.files) { log.error("\(problem)") }
        }
        ready(parts, configuration.settings)
        let state = RunningState(settings: configuration.settings, snapshot: snapshot)
        await serve(signals, parts, state, &builder)
        await stop(parts, threads, state, signals)
    }

    // MARK: Starting

    func load() throws(AgentFailure) -> LoadedConfiguration {
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

    /// Makes what a reload replaces, while it looks whether it is told to end: a manager that does not answer must not hold up
    /// that.
    ///
    /// - Returns: nil where it was told to end.
    func build(
        _ settings: AgentSettings,
        _ builder: inout SnapshotBuilder,
        _ signals: Signals
    ) async throws(AgentFailure) -> Snapshot? {
        let before = builder
        let outcome = await withTaskGroup(of: Result<(Snapshot, SnapshotBuilder), AgentFailure>?.self) { group in
            group.addTask {
                var builder = before
                do throws(AgentFailure) {
                    let snapshot = try await builder.build(settings)
                    return .success((snapshot, builder))
                } catch { return .failure(error) }
            }
            group.addTask {
                while !Task.isCancelled, !signals.wasToldToEnd() {
                    try? await Task.sleep(for: .milliseconds(Self.signalInterval))
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            let second = await group.next() ?? nil
            // Told to end: what was made in spite of it is of no use.
            if first == nil, case .success(let (unused, _)) = second { await unused.scopes.close() }
            return first
        }
        guard let (snapshot, after) = try outcome?.get() else { return nil }
        builder = after
        return snapshot
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

    private func ready(_ parts: Parts, _ settings: AgentSettings) {
        isReady.store(true, ordering: .releasing)
        let log = log
        parts.endpoint?.start { log.error("the health endpoint has lost its socket") }
        let failure = parts.notifier.send(.ready, .status("serving on \(parts.listening)"))
        if failure != 0 {
            log.error("the service manager cannot be told that the agent serves", metadata: ["errno": "\(failure)"])
        }
        log.notice(
            "ready",
            metadata: [
                "node": "\(settings.node)", "version": "\(AgentVersion.current)", "memory": "\(Arena.usage.level)",
                "listening": "\(parts.listening)",
            ]
        )
        // Reading the configuration and making the TLS contexts ran code that serving never runs again.
        malloc_trim(0)
        linux_release_code_pages()
    }
}
