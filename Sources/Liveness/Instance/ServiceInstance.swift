/// What the registry knows of one instance of a service.
package struct ServiceInstance: Sendable, Equatable {
    /// The process that it lives in.
    package struct Server: Sendable, Equatable {
        /// Of one process; a new one for each start.
        package var id: String
        package var version: String
        /// The name of the node it runs on.
        package var node: String

        package init(id: String, version: String, node: String) {
            self.id = id
            self.version = version
            self.node = node
        }
    }

    /// A change of state.
    package struct Event: Sendable, Equatable {
        /// Milliseconds since 1970, by the clock of whoever made the change.
        package var time: Int64
        package var state: ServiceState
        /// Why, in a sentence; may be empty.
        package var reason: String

        package init(time: Int64, state: ServiceState, reason: String) {
            self.time = time
            self.state = state
            self.reason = reason
        }
    }

    /// Most events that are kept: the latest.
    package static let eventLimit = 32

    /// At most 36 characters.
    package let id: String
    /// Such as `WORKER`; `AGENT` for an agent.
    package var type: String
    package private(set) var state: ServiceState
    /// Grows by one with each beat and each change.
    package private(set) var sequence: UInt64
    package var server: Server
    /// Milliseconds since 1970, by the instance's own clock.
    package let createdAt: Int64
    package private(set) var updatedAt: Int64
    /// When it last said something itself, on the clock of ``updatedAt``.
    package private(set) var beatAt: Int64
    package private(set) var events: [Event]
    package var rules: LivenessRules
    /// Addresses where it listens.
    package var listeners: [String]
    /// What is wrong with it, for people: names of parts that are down.
    package var problems: [String]

    /// An instance as it was written down.
    package init(
        id: String,
        type: String,
        state: ServiceState,
        sequence: UInt64,
        server: Server,
        createdAt: Int64,
        updatedAt: Int64,
        beatAt: Int64? = nil,
        events: [Event],
        rules: LivenessRules,
        listeners: [String] = [],
        problems: [String] = []
    ) {
        self.id = id
        self.type = type
        self.state = state
        self.sequence = sequence
        self.server = server
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.beatAt = beatAt ?? updatedAt
        self.events = events
        self.rules = rules
        self.listeners = listeners
        self.problems = problems
    }

    /// A new one, in ``ServiceState/created``.
    package init(id: String, type: String, server: Server, rules: LivenessRules, at time: Int64) {
        self.init(
            id: id,
            type: type,
            state: .created,
            sequence: 0,
            server: server,
            createdAt: time,
            updatedAt: time,
            events: [Event(time: time, state: .created, reason: "")],
            rules: rules
        )
    }

    /// Beats, or changes the state.
    ///
    /// - Parameter isOwn: false where somebody else says so.
    /// - Returns: false where the state must not follow; nothing has changed then.
    @discardableResult
    package mutating func move(to next: ServiceState, at time: Int64, reason: String = "", isOwn: Bool = true) -> Bool {
        guard state.mayBecome(next) else { return false }
        if next != state {
            events.append(Event(time: time, state: next, reason: reason))
            if events.count > Self.eventLimit { events.removeFirst(events.count - Self.eventLimit) }
            state = next
        }
        sequence += 1
        updatedAt = time
        if isOwn { beatAt = time }
        return true
    }
}
