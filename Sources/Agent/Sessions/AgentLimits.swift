package import Wire

/// Every bound on what peers can make the agent do. A name, a default, and in brackets the key below
/// `tacit.limits` where it can be set.
package struct AgentLimits: Sendable, Equatable {
    /// Connections at once (`connections`).
    package var connections = 10_000
    /// Handshakes at once; more wait in the kernel's queue.
    package var handshakes = 512
    /// Handshakes begun a second (`handshakes-per-second`); bursts of as many are allowed.
    package var handshakesPerSecond = 2000
    /// How long a handshake may take (`handshake-timeout`).
    package var handshakeTimeout: Duration = .seconds(5)
    /// How long a connection may be silent; nil: for ever (`idle-timeout`).
    package var idleTimeout: Duration? = .seconds(600)
    /// How long a request may take that names no time (`request-timeout`).
    package var requestTimeout: Duration = .seconds(10)
    /// The longest time a request may name.
    package var requestTimeoutMaximum: Duration = .seconds(300)
    /// How long before the end of a request its outcome is due, at most.
    static let outcomeMargin = Duration.milliseconds(250)
    /// How long a peer may leave its answers unread.
    package var writeTimeout: Duration = .seconds(10)
    /// How long a frame may take from its first byte to its last.
    package var frameTimeout: Duration = .seconds(30)
    /// How long open requests may go on at shutdown.
    package var shutdownGrace: Duration = .seconds(10)
    /// Requests of all connections that wait for managers.
    package var pendingRequests = 4096
    /// Payload sizes and requests open on a connection (`payload`, `requests-per-connection`).
    package var wire = WireLimits()

    package init() {}

    /// How long a handshake is left alone while others wait for its place.
    static let handshakeGrace: Duration = .milliseconds(500)
    /// Bytes of answers that a peer may leave unread before its requests wait.
    static let outputHighWater = 64 << 10
    /// Requests taken from one connection in one turn before the others have theirs.
    static let requestsPerTurn = 32
    /// Requests taken in one turn from all those together that had more than their share in the turn before.
    static let requestsOfTheBusy = 32
    /// Bytes of answers that are encrypted and sent to one connection in one turn before the others have theirs.
    static let writtenPerTurn = 32 << 10
    /// Bytes read from a connection at once.
    static let readChunk = 4000
    /// Percent of the arena's maximum in use for connections above which locked memory counts as scarce. They may have more, so
    /// this is before anybody is refused.
    static let scarcePercent = 50
    /// How long a peer may leave its answers unread, or a frame unfinished, while locked memory is scarce.
    static let scarceTimeout: Duration = .seconds(1)
    /// Bytes that a connection may have buffered without being the first to go when locked memory runs out.
    static let modestBytes = 64 << 10
    /// Streams of health reports that a connection may have open.
    static let watchesPerConnection = 4
    /// The time from one report to the next in a stream.
    static let shortestWatchInterval = Duration.milliseconds(250)
    /// As ``shortestWatchInterval``, in milliseconds.
    static let longestWatchInterval = 3_600_000
    /// Silence after which a connection gives its buffers back.
    static let bufferHold: Duration = .seconds(1)
}
