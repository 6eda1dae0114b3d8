/// Where a service instance is in its life.
///
/// A beat is a move to the same state and is always allowed. There is no way back from ``disconnected`` to ``running``: what
/// others have taken over meanwhile must not be done twice, so who comes back does so as a new instance.
package enum ServiceState: String, CaseIterable, Sendable {
    case created = "CREATED"
    case running = "RUNNING"
    /// Alive, and takes no new work.
    case maintenance = "MAINTENANCE"
    case error = "ERROR"
    /// Silent for longer than its time-out.
    case disconnected = "DISCONNECTED"
    case terminating = "TERMINATING"
    case terminatedGracefully = "TERMINATED_GRACEFULLY"
    case terminatedForced = "TERMINATED_FORCED"
    /// Known not to run any more.
    case notRunning = "NOT_RUNNING"
    /// Nothing is left to be done about it.
    case inactive = "INACTIVE"

    /// - Parameter name: as it is written; `EMPTY` is what ``inactive`` was called once.
    package init?(name: String) {
        if name == "EMPTY" { self = .inactive } else { self.init(rawValue: name) }
    }

    /// The states that may follow, other than the same.
    package var successors: [ServiceState] {
        switch self {
        case .created: [.running, .maintenance, .error, .disconnected, .terminating]
        case .running: [.maintenance, .error, .disconnected, .terminating]
        case .maintenance: [.running, .error, .disconnected, .terminating]
        case .error: [.terminating]
        case .disconnected: [.terminating, .notRunning]
        case .terminating: [.terminatedGracefully, .terminatedForced, .notRunning]
        case .terminatedGracefully, .terminatedForced: [.notRunning]
        case .notRunning: [.inactive]
        case .inactive: []
        }
    }

    package func mayBecome(_ next: ServiceState) -> Bool { next == self || successors.contains(next) }

    /// The states from which this one may be reached, itself included.
    package var predecessors: [ServiceState] { Self.allCases.filter { $0.mayBecome(self) } }

    /// Whether an instance in it is expected to beat.
    package var isRunning: Bool { self == .created || self == .running || self == .maintenance }

    /// Whether its process has ended, as far as is known.
    package var hasEnded: Bool {
        switch self {
        case .terminatedGracefully, .terminatedForced, .notRunning, .inactive: true
        case .created, .running, .maintenance, .error, .disconnected, .terminating: false
        }
    }
}
