internal import EventLoop
internal import Glibc

/// Until when a thread waits for a socket, and what else ends the wait.
package struct Patience {
    package let deadline: ContinuousClock.Instant
    package let interruption: Interruption?

    package init(deadline: ContinuousClock.Instant, interruption: Interruption?) {
        self.deadline = deadline
        self.interruption = interruption
    }

    /// The same, but for `duration` at most.
    package func atMost(_ duration: Duration) -> Patience {
        Patience(deadline: min(deadline, ContinuousClock.now.advanced(by: duration)), interruption: interruption)
    }

    package var isOver: Bool { ContinuousClock.now >= deadline }

    /// - Parameter events: POLLIN, POLLOUT.
    /// - Throws: ``DatabaseError`` of kind `timeout` or `cancelled`.
    package func wait(for descriptor: CInt, _ events: Int32) throws(DatabaseError) {
        while true {
            if interruption?.isRaised() == true { throw DatabaseError(.cancelled, "the caller gave up") }
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
                throw DatabaseError(.lost, "\(failure)")
            }
            if count > 0, watched[0].revents != 0 { return }
        }
    }

    package static let timeout = DatabaseError(.timeout, "the database did not answer in time")
}
