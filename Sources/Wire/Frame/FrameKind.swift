/// What a frame is.
package enum FrameKind: UInt8, CaseIterable, Sendable {
    /// Asks for something. From the client.
    case request = 1
    /// Ends a request. From the agent.
    case response = 2
    /// One of a stream of answers; a response ends it. From the agent.
    case item = 3
    /// Gives a request up; it still ends with a response. From the client.
    case cancel = 4
    /// Asks for a pong.
    case ping = 5
    /// Echoes a ping's payload.
    case pong = 6
    /// No new requests; open ones finish. Its payload is an error message that says why.
    case goAway = 7

    /// Whether the frame belongs to a request and so carries its id. The others carry id 0.
    package var belongsToRequest: Bool {
        switch self {
        case .request, .response, .item, .cancel: true
        case .ping, .pong, .goAway: false
        }
    }
}
