internal import Configuration
internal import EventLoop
internal import Glibc
internal import Logging
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The end, in order.
extension Agent {
    /// How long managers may take to say goodbye to what they call.
    private static let closingLimit = Duration.seconds(5)
    /// As ``closingLimit``, for who was told twice.
    private static let hurriedClosingLimit = Duration.milliseconds(250)
    /// What a service manager is to allow beyond the grace: managers are closed, the audit is written out, memory is wiped.
    private static let stopMargin = Duration.seconds(10)

    /// Takes nothing new, lets open requests finish within the grace, wipes, and ends. A second signal ends the grace.
    func stop(_ parts: Parts, _ threads: consuming [ThreadBox], _ state: RunningState, _ signals: Signals) async {
        isReady.store(false, ordering: .releasing)
        parts.nodes?.leave()
        let isHurried = drain(parts, grace: state.settings.shutdownGrace, signals)
        parts.door.inbox.send(.stop)
        for loop in parts.loops { loop.inbox.send(.stop) }
        for box in threads { box.join() }
        parts.watchdog?.stop()
        parts.judge.stop()
        await parts.endpoint?.stop()
        parts.reaper.stop()
        _ = parts.services.resolver.cache.evict(tenant: nil, namespace: nil, key: nil)
        parts.services.audit.stop()
        close(state.snapshot.scopes, within: isHurried ? Self.hurriedClosingLimit : Self.closingLimit, signals)
        parts.nodes?.end(gracefully: !isHurried)
        log.notice("ended")
    }

    /// - Returns: whether a second signal came.
    private func drain(_ parts: Parts, grace: Duration, _ signals: Signals) -> Bool {
        parts.notifier.send(.stopping, .extendTimeout(grace + Self.stopMargin), .status("stopping"))
        parts.door.inbox.send(.drain)
        for loop in parts.loops { loop.inbox.send(.drain) }
        let end = BootInstant.now.advanced(by: grace)
        var nextNotice = BootInstant.now.advanced(by: .seconds(1))
        while !parts.isDrained {
            let now = BootInstant.now
            guard now < end else { break }
            if now >= nextNotice {
                nextNotice = now.advanced(by: .seconds(1))
                let left = Duration.nanoseconds(end.nanoseconds(since: now))
                parts.notifier.send(
                    .extendTimeout(left + Self.stopMargin),
                    .status("stopping: \(parts.connectionCount) connections, at most \(left.components.seconds + 1) s")
                )
            }
            if case .terminate = signals.wait(milliseconds: 20) {
                log.notice("told to end once more: open requests are given up")
                return true
            }
        }
        parts.notifier.send(.extendTimeout(Self.stopMargin), .status("stopping"))
        return false
    }

    /// Closes the managers. One that hangs is left behind: its memory is wiped with all the rest.
    private func close(_ scopes: ScopeTable, within limit: Duration, _ signals: Signals) {
        let isClosed = Flag()
        let closing = Task.detached {
            await scopes.close()
            isClosed.value.store(true, ordering: .releasing)
        }
        let end = BootInstant.now.advanced(by: limit)
        while !isClosed.value.load(ordering: .acquiring) {
            var isOver = BootInstant.now >= end
            if case .terminate = signals.wait(milliseconds: 5) { isOver = true }
            guard isOver else { continue }
            closing.cancel()
            return log.warning("a secrets manager did not let itself be closed in time")
        }
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }
}

extension Agent.Parts {
    /// Whether everybody who came in has gone, and nobody else will come in. Looked at in the order in which connections move.
    fileprivate var isDrained: Bool { door.isDrained && connectionCount == 0 }

    fileprivate var connectionCount: Int {
        let arriving = loops.reduce(0) { $0 + $1.metrics.arriving.load(ordering: .acquiring) }
        return loops.reduce(arriving) { $0 + $1.metrics.connections.load(ordering: .acquiring) }
    }
}
