internal import EventLoop
internal import Glibc

/// Until when a thread waits for a socket, and what else ends the wait.
struct Patience {
    let deadline: ContinuousClock.Instant
    let interruption: Interruption?

    /// The same, but for `duration` at most.
    func atMost(_ duration: Duration) -> Patience {
        Patience(deadline: min(deadline, ContinuousClock.now.advanced(by: duration)), interruption: interruption)
    }

    var isOver: Bool { ContinuousClock.now >= deadline }

    /// - Parameter events: POLLIN, POLLOUT.
    /// - Throws: ``PostgreSQLError`` of kind `timeout` or `cancelled`.
    func wait(for descriptor: CInt, _ events: Int32) throws(PostgreSQLError) {
        while true {
            if interruption?.isRaised() == true { throw PostgreSQLError(.cancelled, "the caller gave up") }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw Self.timeout }
            // One millisecond more than what is left, or the last one would be spent in a loop that does not sleep.
            let (seconds, attoseconds) = left.components
            let milliseconds = min(seconds, 3600) * 1000 + attoseconds / 1_000_000_000_000_000 + 1
            var watched = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                // A negative number is skipped.
                pollfd(fd: interruption?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&watched, nfds_t(watched.count), CInt(milliseconds))
            guard count >= 0 || errno == EINTR else {
                let failure = SystemFailure(operation: "poll", code: errno)
                throw PostgreSQLError(.lost, "\(failure)")
            }
            if count > 0, watched[0].revents != 0 { return }
        }
    }

    static let timeout = PostgreSQLError(.timeout, "the database did not answer in time")
}
