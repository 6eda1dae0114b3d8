package import SecretMemory

/// Why there is no answer. Details are for the operator: hosts, paths and libcurl's words, never a header or a body.
package enum HTTPFailure: Error, Equatable, Sendable {
    /// No connection, or it broke.
    ///
    /// - Parameter wasSent: whether the request may have arrived, so that repeating it is not safe for all of them.
    case unreachable(detail: String, wasSent: Bool)
    /// A limit of time was reached.
    case timedOut(detail: String, wasSent: Bool)
    /// The server's certificate is not accepted, or ours not by the server.
    case untrusted(detail: String)
    /// The answer has more bytes than are allowed.
    case tooLarge(limit: Int)
    /// It is not sent at all: the URL, a header or the client's settings are wrong.
    case invalid(detail: String)
    /// The caller gave up.
    case cancelled
    /// There is no locked memory for it.
    case memory(MemoryError)
}
