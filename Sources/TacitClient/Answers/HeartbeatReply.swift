internal import Wire

/// A service instance that says that it lives.
public struct ServiceInstance: Hashable, Sendable {
    public var id: String
    /// The service type, such as `WORKER`.
    public var type: String
    /// The state in which it sees itself, such as `RUNNING`.
    public var state: String

    public init(id: String, type: String, state: String) {
        self.id = id
        self.type = type
        self.state = state
    }
}

/// What the agent makes of a heartbeat.
public struct HeartbeatReply: Equatable, Sendable {
    /// The state that the agent holds for the instance.
    public let state: String
    /// When the next beat is expected, from now on.
    public let nextBeatDue: Duration
    /// The agent's own state.
    public let agentStatus: HealthStatus

    init(_ answer: HeartbeatAnswer) {
        state = answer.state
        nextBeatDue = Duration(milliseconds: answer.nextBeatDue)
        agentStatus = HealthStatus(word: answer.agentStatus)
    }
}
