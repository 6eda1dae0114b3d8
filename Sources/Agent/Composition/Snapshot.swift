internal import Secrets
internal import Synchronization
internal import TLS

/// All that a reload replaces, at once or not at all.
final class Snapshot: Sendable {
    let policy: Policy
    let scopes: ScopeTable
    let context: ServerContext
    /// Threads that have gone over to this one.
    let followers = Atomic<Int>(0)

    init(policy: Policy, scopes: ScopeTable, context: ServerContext) {
        self.policy = policy
        self.scopes = scopes
        self.context = context
    }
}
