internal import EventLoop
internal import Liveness
internal import Logging
internal import Secrets
internal import Synchronization

/// What every loop shares.
final class Services: Sendable {
    let node: String
    let resolver: SecretResolver
    let audit: AuditTrail
    let clients: ClientRegistry
    let fence = Fence()
    let healthBoard = HealthBoard()
    let log: Logger
    /// Requests of all loops that wait for managers.
    let pendingRequests = Atomic<Int>(0)
    /// How to reach the loops, by their numbers. Set once everything stands.
    let loopInboxes = Mutex<[Inbox<ConnectionLoop.Message>]>([])
    /// The registry of nodes; nil where none is configured. Set once everything stands.
    let nodes = Mutex<NodeRegistry?>(nil)

    init(node: String, resolver: SecretResolver, audit: AuditTrail, clients: ClientRegistry, log: Logger) {
        self.node = node
        self.clients = clients
        self.resolver = resolver
        self.audit = audit
        self.log = log
    }

    /// Lets a connection know that an instance no longer lives on it.
    func unbind(_ connection: ClientConnection, _ instance: String) {
        let inboxes = loopInboxes.withLock { $0 }
        guard inboxes.indices.contains(connection.loop) else { return }
        inboxes[connection.loop].send(.unbind(connection.token, instance))
    }
}
