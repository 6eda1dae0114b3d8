internal import Backends
internal import Configuration
internal import EventLoop
internal import Glibc
internal import Liveness
internal import Logging
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// While it serves: signals, files that change, reloads.
extension Agent {
    /// How long a reload waits until everything goes by it.
    private static let followingLimit = Duration.seconds(5)

    func serve(
        _ signals: Signals,
        _ parts: Parts,
        _ state: RunningState,
        _ builder: inout SnapshotBuilder
    ) async {
        let watched = state.settings.kestra.deleteFilesOnStart ? [] : files.filter { $0 != "-" }
        state.watch(watched)
        var code = CodePages()
        while true {
            switch signals.wait(milliseconds: Self.watchInterval) {
            case .terminate(let number):
                log.notice("told to end", metadata: ["signal": "\(number)"])
                return
            case .reload:
                reopenAudit(parts)
                // Looked at before they are read: what changes meanwhile is then read again.
                state.watch(watched)
                await reload(parts, state, &builder, signals)
            case nil:
                if state.configurationWatch.hasChanged() {
                    await reload(parts, state, &builder, signals)
                } else if state.certificateWatch.hasChanged() {
                    reloadCertificates(parts, state)
                }
                code.look(turns: LoopTotals(loops: parts.loops.map(\.metrics)).turns)
            }
        }
    }

    private func reopenAudit(_ parts: Parts) {
        do throws(AuditLog.Failure) { try parts.services.audit.reopen() } catch {
            log.error("the audit file could not be opened anew", metadata: ["error": "\(error)"])
        }
    }

    /// Takes a new configuration whole, or keeps the old one whole.
    private func reload(
        _ parts: Parts,
        _ state: RunningState,
        _ builder: inout SnapshotBuilder,
        _ signals: Signals
    ) async {
        let time = ServiceNotifier.monotonicMicroseconds()
        parts.notifier.send(.reloading(monotonicMicroseconds: time), .status("loading the configuration anew"))
        var remark = ""
        defer { parts.notifier.send(.ready, .status("serving on \(parts.listening)\(remark)")) }
        guard !files.contains("-"), !state.settings.kestra.deleteFilesOnStart else {
            return reloadCertificates(parts, state)
        }
        do throws(AgentFailure) {
            let loaded = try load()
            guard let snapshot = try await build(loaded.settings, &builder, signals) else { return }
            let old = state.snapshot
            state.settings = loaded.settings
            install(snapshot, parts, state)
            parts.services.resolver.cache.setBounds(CacheBounds(loaded.settings.kestra.secret.cache))
            _ = parts.services.resolver.cache.evict(tenant: nil, namespace: nil, key: nil)
            let rules = LivenessRules(loaded.settings.kestra)
            parts.services.clients.setDefaults(rules)
            parts.nodes?.configure(rules, RegistryMember.Purge(loaded.settings.kestra.purge))
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
            remark = ", with the configuration of before, because the new one was refused: \(error)"
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
        // Who hears that it is loaded relies on it: workers get certificates of an authority once it is trusted here.
        let end = BootInstant.now.advanced(by: Self.followingLimit)
        while snapshot.followers.load(ordering: .acquiring) <= parts.loops.count {
            guard BootInstant.now < end else {
                return log.error("a loop has not gone over to what was loaded; it will, once it turns again")
            }
            usleep(500)
        }
    }

    /// Requests that are under way may still use the old managers.
    private func closeLater(_ scopes: ScopeTable, _ delay: Duration) {
        Task.detached {
            try? await Task.sleep(for: delay + .seconds(1))
            await scopes.close()
        }
    }
}
