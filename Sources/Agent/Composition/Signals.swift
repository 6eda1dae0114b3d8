internal import CLinux
package import EventLoop
internal import Glibc
internal import Synchronization

/// What the outside tells the process. Signals are read like a file, on one thread at a time, so that no handler runs in the
/// middle of something else. Many of one kind that come before they are read are one.
package final class Signals: Sendable {
    package enum Event: Equatable { case terminate(CInt), reload }

    private let descriptor: CInt
    /// What ``wasToldToEnd()`` read and ``wait(milliseconds:)`` has yet to tell of: the number of a signal, or 0.
    private let termination = Atomic<CInt>(0)
    private let mustReload = Atomic(false)

    /// Blocks the signals for this thread and all that it starts, so call before any thread.
    package init() throws(SystemFailure) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that closes while the agent writes must not end the agent.
        signal(SIGPIPE, SIG_IGN)
        descriptor = unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemFailure(operation: "signalfd", code: errno) }
    }

    /// Waits at most `milliseconds`.
    package func wait(milliseconds: CInt) -> Event? {
        let number = termination.exchange(0, ordering: .relaxed)
        if number != 0 { return .terminate(number) }
        if mustReload.exchange(false, ordering: .relaxed) { return .reload }
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&ready, 1, milliseconds) > 0 else { return nil }
        return next()
    }

    /// Whether the process was told to end, without waiting. Nothing is lost by asking: ``wait(milliseconds:)`` tells of it
    /// again.
    func wasToldToEnd() -> Bool {
        while termination.load(ordering: .relaxed) == 0, let event = next() {
            switch event {
            case .terminate(let number): termination.store(number, ordering: .relaxed)
            case .reload: mustReload.store(true, ordering: .relaxed)
            }
        }
        return termination.load(ordering: .relaxed) != 0
    }

    private func next() -> Event? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(descriptor, &info, size) == size else { return nil }
        return info.ssi_signo == UInt32(SIGHUP) ? .reload : .terminate(CInt(info.ssi_signo))
    }

    deinit { close(descriptor) }
}
