internal import HTTP
internal import Secrets
internal import Synchronization

/// What a manager said of how many requests it still takes. Once it takes none, nothing is sent before the time that it named:
/// a request that is refused would count, too.
final class RateWindow: Sendable {
    /// Managers count by the minute; no header holds requests back for longer.
    static let longest = Duration.seconds(60)

    private let time: TimeSource
    private let closedUntil = Mutex<BootInstant?>(nil)

    init(time: TimeSource) { self.time = time }

    /// Throws where nothing may be sent yet.
    func check() throws(BackendError) {
        let now = time.now()
        let until = closedUntil.withLock { until in
            if let current = until, current <= now { until = nil }
            return until
        }
        if let until { throw .throttled(retryAfter: .nanoseconds(until.nanoseconds(since: now))) }
    }

    /// Reads `Retry-After`, and `X-RateLimit-Remaining` with `X-RateLimit-Reset`.
    ///
    /// - Returns: how long the server asks to be left alone; nil where it does not say.
    func note(_ response: borrowing HTTPResponse) -> Duration? {
        var wait = WebService.retryAfter(response, time: time)
        if wait == nil, response.status == 429 || response.header("X-RateLimit-Remaining") == "0" {
            wait = untilReset(response)
        }
        if let wait, wait > .zero, response.status < 500 {
            closedUntil.withLock { $0 = time.now().advanced(by: min(wait, Self.longest)) }
        }
        return wait
    }

    /// The end of the window, as seconds since 1970 by the server's clock or as seconds from now.
    private func untilReset(_ response: borrowing HTTPResponse) -> Duration? {
        guard let text = response.header("X-RateLimit-Reset"), let end = Int64(text), end >= 0 else { return nil }
        let now = response.header("Date").flatMap(HTTPDate.seconds) ?? time.wall() / 1000
        let seconds = end > 1_000_000_000 ? end - now : end
        return min(.seconds(max(0, seconds)), Self.longest)
    }
}
