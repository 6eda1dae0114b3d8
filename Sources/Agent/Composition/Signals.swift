internal import CLinux
internal import EventLoop
internal import Glibc

/// What the outside tells the process. Signals are read like a file, on one thread, so that no handler runs in the middle of
/// something else.
struct Signals: ~Copyable {
    enum Event { case terminate(CInt), reload }

    private let descriptor: CInt

    /// Blocks the signals for this thread and all that it starts, so call before any thread.
    init() throws(SystemFailure) {
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
    func wait(milliseconds: CInt) -> Event? {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&ready, 1, milliseconds) > 0 else { return nil }
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(descriptor, &info, size) == size else { return nil }
        return info.ssi_signo == UInt32(SIGHUP) ? .reload : .terminate(CInt(info.ssi_signo))
    }

    deinit { close(descriptor) }
}
