internal import Wire

/// An instance in the registry of nodes.
public struct NodeInstance: Equatable, Sendable {
    public let id: String
    /// `AGENT`.
    public let type: String
    /// Such as `RUNNING` or `DISCONNECTED`.
    public let state: String
    /// The name of the node it runs on.
    public let node: String
    public let version: String
    /// Of one process; a new one for each start.
    public let serverID: String
    /// Milliseconds since 1970, by the instance's clock.
    public let createdAt: Int64
    /// How long ago it last wrote.
    public let silence: Duration
    /// The silence after which it counts as disconnected.
    public let timeout: Duration
    /// Where it listens.
    public let listeners: [String]
    /// Its parts that are down.
    public let problems: [String]

    init(_ node: ListNodesAnswer.Node) {
        id = node.id
        type = node.type
        state = node.state
        self.node = node.node
        version = node.version
        serverID = node.serverID
        createdAt = Int64(clamping: node.createdAt)
        silence = Duration(milliseconds: node.silent)
        timeout = Duration(milliseconds: node.timeout)
        listeners = node.listeners
        problems = node.problems
    }
}

/// The registry of nodes, as the agent last read it.
public struct NodeList: Equatable, Sendable {
    /// In the order of their ids.
    public internal(set) var nodes: [NodeInstance] = []
    /// The id of the agent that answered; empty where it is not registered.
    public internal(set) var ownID = ""
    /// How long ago the registry was read.
    public internal(set) var age = Duration.zero
    /// Rows that cannot be read.
    public internal(set) var damaged = 0
}
