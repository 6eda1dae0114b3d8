/// A client's service instance as this agent holds it.
struct ClientInstance {
    /// Which connection last beat for it.
    var connection: ClientConnection
    let identity: String
    let type: String
    var state: ServiceState
    var rules: LivenessRules
    /// In attentive time, as all times here.
    var heardAt: Duration
    var stateSince: Duration
    let createdAt: Duration
    /// Its mark on the values that it read; nil once its leases have ended.
    var mark: LeaseMark?

    /// When there is something to be decided unless it beats before.
    func deadline(_ limits: ClientInstances.Limits) -> Duration {
        switch state {
        case .created, .running, .maintenance, .error:
            rules.isEnabled
                ? max(heardAt + rules.timeout, state.isRunning ? createdAt + rules.initialDelay : .zero)
                : heardAt + limits.longestTime
        case .disconnected, .terminating: stateSince + rules.terminationGracePeriod
        case .terminatedGracefully, .terminatedForced, .notRunning, .inactive: stateSince + limits.remembered
        }
    }

    /// What it becomes once its deadline has passed; nil: it is forgotten.
    var verdict: ServiceState? {
        switch state {
        case .created, .running, .maintenance: rules.isEnabled ? .disconnected : nil
        case .error: rules.isEnabled ? .terminating : nil
        case .disconnected, .terminating: .notRunning
        case .terminatedGracefully, .terminatedForced, .notRunning, .inactive: nil
        }
    }

    /// Whether its leases end in the state that it is in.
    var holdsNothing: Bool {
        switch state {
        case .terminatedGracefully, .terminatedForced: true
        case .disconnected: rules.restartStrategy == .immediately
        case .notRunning, .inactive: rules.restartStrategy != .never
        case .created, .running, .maintenance, .error, .terminating: false
        }
    }
}

/// A connection of a client, by numbers that are never used twice.
package struct ClientConnection: Sendable, Hashable {
    /// The number of the loop that owns it.
    package let loop: Int
    /// The loop's name of it.
    package let token: UInt64

    package init(loop: Int, token: UInt64) {
        self.loop = loop
        self.token = token
    }
}

/// One bit for each of a few instances, so that a value can carry the marks of all who read it.
package struct LeaseMark: Sendable, Hashable {
    package let bits: UInt64

    /// Whoever has no mark of its own: values that they read stay for their whole lifetime.
    package static let shared = LeaseMark(bits: 1 << 63)
    /// How many instances have a mark of their own at a time.
    package static let count = 63

    init(index: Int) { bits = 1 << UInt64(index) }
    private init(bits: UInt64) { self.bits = bits }
}
