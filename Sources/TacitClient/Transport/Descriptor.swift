internal import Glibc

/// An owned socket, closed exactly once.
struct Descriptor: ~Copyable, Sendable {
    /// For calls; not to be closed or kept.
    let raw: CInt

    /// A new stream socket that does not block and is not inherited by programs that this one starts.
    init(family: CInt) throws(ChannelFailure) {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let created = socket(family, type, 0)
        guard created >= 0 else { throw .final(.unreachable("no socket can be made: \(systemText(errno))")) }
        raw = created
    }

    /// Waits until the socket can be read or written, as asked, or has failed.
    ///
    /// - Returns: false where the deadline came first.
    func wait(reading: Bool, writing: Bool, until deadline: Deadline) -> Bool {
        while true {
            var entry = pollfd(fd: raw, events: 0, revents: 0)
            if reading { entry.events |= Int16(POLLIN) }
            if writing { entry.events |= Int16(POLLOUT) }
            let ready = unsafe poll(&entry, 1, deadline.pollTimeout)
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { return false }
            // A signal, or a time-out too long for one call, makes it go on.
            if ready == 0, deadline.isOver { return false }
        }
    }

    /// Whether there is something to read, or the end of it, right now.
    var isReadable: Bool {
        var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    deinit { close(raw) }
}

/// The system's words for an errno.
func systemText(_ code: CInt) -> String {
    guard let text = unsafe strerror(code) else { return "errno \(code)" }
    return unsafe String(cString: text)
}
