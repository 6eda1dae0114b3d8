internal import EventLoop
internal import Liveness
internal import Logging
internal import SecretMemory
internal import Secrets

/// Looks at the clients at intervals and ends the leases of those that are lost.
final class ClientJudge: Sendable {
    private enum Message: Sendable { case stop }

    private let thread: TimedThread<Message>

    init(_ services: Services) throws(SystemFailure) {
        thread = try TimedThread("tacit-liveness") { messages in
            guard messages.isEmpty else { return nil }
            let now = BootInstant.now
            for ended in services.clients.judge(at: now) { Self.end(ended, services) }
            return now.advanced(by: services.clients.defaults.interval)
        }
    }

    private static func end(_ ended: ClientInstances.Ended, _ services: Services) {
        services.clients.wipe(ended, in: services.resolver.cache)
        services.unbind(ended.connection, ended.id)
        services.log.notice(
            "a client's instance is lost; its leases have ended",
            metadata: [
                "instance": "\(ended.id)", "identity": "\(ended.identity)", "state": "\(ended.state.rawValue)",
            ]
        )
    }

    func stop() {
        thread.send(.stop)
        thread.join()
    }
}
