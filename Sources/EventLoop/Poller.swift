internal import CLinux
internal import Glibc

/// The kernel's list of descriptors that one loop waits for.
@safe
package struct Poller: ~Copyable {
    /// Most events taken in one turn; the others are there in the next.
    package static let eventsPerTurn = 128

    private let epoll: CInt
    private let events: UnsafeMutablePointer<epoll_event>

    package init() throws(SystemFailure) {
        let raw = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard raw >= 0 else { throw SystemFailure(operation: "epoll_create1", code: errno) }
        epoll = raw
        unsafe events = .allocate(capacity: Self.eventsPerTurn)
    }

    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let readable = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
        package static let writable = Interest(rawValue: EPOLLOUT.rawValue)
        /// Wakes one of several loops that wait for the same listener.
        package static let exclusive = Interest(rawValue: EPOLLEXCLUSIVE.rawValue)
    }

    package func watch(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(SystemFailure) {
        try control(EPOLL_CTL_ADD, descriptor, interest, token)
    }

    package func change(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(SystemFailure) {
        try control(EPOLL_CTL_MOD, descriptor, interest, token)
    }

    package func forget(_ descriptor: CInt) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
    }

    private func control(
        _ operation: CInt,
        _ descriptor: CInt,
        _ interest: Interest,
        _ token: UInt64
    ) throws(SystemFailure) {
        var event = unsafe epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        guard unsafe epoll_ctl(epoll, operation, descriptor, &event) == 0 else {
            throw SystemFailure(operation: "epoll_ctl", code: errno)
        }
    }

    /// Waits at most `milliseconds` (-1: for ever; 0: not at all).
    ///
    /// - Returns: how many descriptors are ready; 0 at the time limit or after a signal.
    package func wait(milliseconds: CInt) -> Int {
        let count = unsafe epoll_wait(epoll, events, CInt(Self.eventsPerTurn), milliseconds)
        // Only EINTR can come here: the descriptor and the buffer are ours for the loop's life.
        return max(0, Int(count))
    }

    /// What the last ``wait(milliseconds:)`` found.
    package func event(_ index: Int) -> (token: UInt64, isReadable: Bool, isWritable: Bool) {
        precondition(index >= 0 && index < Self.eventsPerTurn)
        let event = unsafe events[index]
        let raised = unsafe event.events
        // A peer that hung up, or an error, shows when the descriptor is read.
        let reading = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
        return (unsafe event.data.u64, raised & reading != 0, raised & EPOLLOUT.rawValue != 0)
    }

    deinit {
        close(epoll)
        unsafe events.deallocate()
    }
}
