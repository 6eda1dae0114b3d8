internal import Wire

/// Whether something works.
public enum HealthStatus: String, Sendable, CaseIterable {
    case up = "UP"
    case down = "DOWN"
    /// It cannot be told, or the agent used a word that this version does not know.
    case unknown = "UNKNOWN"

    init(word: String) { self = HealthStatus(rawValue: word) ?? .unknown }
}

/// The agent's state and that of each of its parts.
public struct AgentHealth: Equatable, Sendable {
    /// A part of the agent.
    public struct Part: Equatable, Sendable {
        public let name: String
        public let status: HealthStatus
        /// Names and values, in the agent's order.
        public let details: [Detail]
    }

    /// A fact about a part.
    public struct Detail: Equatable, Sendable {
        public let name: String
        public let value: String
    }

    public let status: HealthStatus
    /// The agent's version.
    public let version: String
    /// The agent's name of its node.
    public let node: String
    public let parts: [Part]

    init(_ answer: HealthAnswer) {
        status = HealthStatus(word: answer.status)
        version = answer.version
        node = answer.node
        parts = answer.parts.map { part in
            Part(
                name: part.name,
                status: HealthStatus(word: part.status),
                details: part.details.map { Detail(name: $0.name, value: $0.value) }
            )
        }
    }
}
