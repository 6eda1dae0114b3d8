internal import EventLoop
internal import Logging
internal import Secrets
internal import Synchronization

/// Gives the service manager signs of life for as long as the agent is alive in the sense of its health endpoint, so that an
/// agent with a stuck loop is restarted. A thread of its own: the main one may wait for managers during a reload.
final class Watchdog: Sendable {
    private let thread: TimedThread<Void>

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
        let pace = Duration.microseconds(Int64(clamping: max(2000, microseconds) / 2))
        let wasAlive = Atomic(true)
        thread = try TimedThread("tacit-watchdog", stackBytes: 128 << 10) { orders in
            guard orders.isEmpty else { return nil }
            let lives = isAlive()
            if lives { notifier.send(.watchdog) }
            if wasAlive.exchange(lives, ordering: .relaxed), !lives {
                log.critical("a loop is stuck: the service manager is told so by silence")
            }
            return .now.advanced(by: pace)
        }
    }

    /// Ends the thread.
    func stop() {
        thread.send(())
        thread.join()
    }
}
