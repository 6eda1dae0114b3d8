internal import Logging
internal import Secrets
internal import Synchronization

/// What every loop shares.
final class Services: Sendable {
    let node: String
    let resolver: SecretResolver
    let audit: AuditTrail
    let heartbeats = HeartbeatBook()
    let log: Logger
    /// Requests of all loops that wait for managers.
    let pendingRequests = Atomic<Int>(0)
    /// Answers health questions; set once everything stands.
    let health = Mutex(HealthSource())

    init(node: String, resolver: SecretResolver, audit: AuditTrail, log: Logger) {
        self.node = node
        self.resolver = resolver
        self.audit = audit
        self.log = log
    }
}

/// Who answers health questions. A bare closure in a lock would be wrapped once more by each look at it, until the wrappers
/// overflow the stack.
struct HealthSource: Sendable {
    var report: (@Sendable () -> HealthReport)?
}
