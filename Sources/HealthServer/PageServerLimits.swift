/// What a client of a page server may cost. Probes and scrapers need far less.
package struct PageServerLimits: Sendable {
    /// Open connections; one more is closed as soon as it is accepted.
    package var connections = 64
    /// One line of a request's head, in bytes: the path, or a field's name and value.
    package var lineBytes = 4096
    /// A request's whole head, in bytes.
    package var headBytes = 16 * 1024
    /// Fields in a request's head.
    package var headFields = 64
    /// What a request may bring after its head, in bytes. It is thrown away.
    package var bodyBytes = 16 * 1024
    /// From the connection to the end of its first request, and from a later request's head to its end. Bytes that trickle
    /// in do not prolong it.
    package var requestTimeout: Duration = .seconds(5)
    /// Until a client has taken an answer.
    package var answerTimeout: Duration = .seconds(5)
    /// From an answer to the next request's head.
    package var idleTimeout: Duration = .seconds(60)

    package init() {}
}
