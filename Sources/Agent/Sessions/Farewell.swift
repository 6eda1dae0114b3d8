internal import Wire

/// Why the agent ends a connection, as its GOAWAY says.
struct Farewell {
    let payload: ErrorPayload

    static let shuttingDown = Farewell(
        payload: ErrorPayload(reason: .shuttingDown, message: "the agent is shutting down", retryAfter: 1000)
    )
    static let idle = Farewell(payload: ErrorPayload(reason: .idle, message: "the connection was silent for too long"))
    static let connectionLimit = Farewell(
        payload: ErrorPayload(
            reason: .connectionLimit,
            message: "the agent has as many connections as it may",
            retryAfter: 1000
        )
    )

    static let slow = Farewell(
        payload: ErrorPayload(reason: .timedOut, message: "a frame took too long to arrive")
    )

    static func malformed(_ error: MalformedFrame) -> Farewell {
        Farewell(payload: ErrorPayload(reason: .malformedFrame, message: "\(error)"))
    }

    static func unauthenticated(_ message: String) -> Farewell {
        Farewell(payload: ErrorPayload(reason: .unauthenticated, message: message))
    }
}
