internal import EventLoop
internal import Glibc
internal import Logging
internal import SecretMemory

/// Gives the service manager signs of life for as long as the agent is alive in the sense of its health endpoint, so that an
/// agent with a stuck loop is restarted. A thread of its own: the main one may wait for managers during a reload.
final class Watchdog: Sendable {
    private let inbox: Inbox<Void>
    private let thread: ThreadBox

    /// Starts the thread; the first sign is given at once.
    ///
    /// - Parameters:
    ///   - microseconds: how long the service manager waits for a sign. It gets them twice as often.
    ///   - isAlive: called on the watchdog's thread.
    init(
        microseconds: UInt64,
        _ notifier: ServiceNotifier,
        log: Logger,
        isAlive: @escaping @Sendable () -> Bool
    ) throws {
        let milliseconds = CInt(clamping: max(1, microseconds / 2000))
        let inbox = try Inbox<Void>()
        self.inbox = inbox
        thread = ThreadBox(
            try DedicatedThread(name: "tacit-watchdog", stackBytes: 128 << 10) {
                Self.run(inbox, milliseconds, notifier, log, isAlive)
            }
        )
    }

    private static func run(
        _ inbox: Inbox<Void>,
        _ milliseconds: CInt,
        _ notifier: ServiceNotifier,
        _ log: Logger,
        _ isAlive: () -> Bool
    ) {
        var wasAlive = true
        while inbox.takeAll().isEmpty {
            let lives = isAlive()
            if lives { notifier.send(.watchdog) }
            if wasAlive, !lives { log.critical("a loop is stuck: the service manager is told so by silence") }
            wasAlive = lives
            var ready = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&ready, 1, milliseconds)
        }
    }

    /// Ends the thread.
    func stop() {
        inbox.send(())
        thread.join()
    }
}
