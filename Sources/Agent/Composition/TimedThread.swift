internal import EventLoop
internal import SecretMemory
internal import Secrets

/// A thread that works at times of its own choosing, and whenever it is sent something.
final class TimedThread<Message: Sendable>: Sendable {
    private let inbox: Inbox<Message>
    private let thread: ThreadBox

    /// - Parameters:
    ///   - name: at most 15 bytes.
    ///   - stackBytes: of the thread's stack.
    ///   - turn: is given what was sent since its last turn, and says when its next one is due at the latest; nil ends the
    ///     thread.
    init(
        _ name: String,
        stackBytes: Int = 512 << 10,
        _ turn: @escaping @Sendable ([Message]) -> BootInstant?
    ) throws(SystemFailure) {
        let inbox = try Inbox<Message>()
        let poller = PollerBox(try Poller())
        try poller.poller.watch(inbox.descriptor, .readable, token: 0)
        self.inbox = inbox
        do throws(DedicatedThread.Refusal) {
            thread = ThreadBox(
                try DedicatedThread(name: name, stackBytes: stackBytes) {
                    var due: BootInstant? = .now
                    while let next = due {
                        let wait = max(0, next.nanoseconds(since: .now) / 1_000_000 + 1)
                        if next > .now { _ = poller.poller.wait(milliseconds: CInt(min(wait, 60_000))) }
                        due = turn(inbox.takeAll())
                    }
                }
            )
        } catch {
            throw SystemFailure(operation: "pthread_create", code: error.code)
        }
    }

    func send(_ message: Message) { inbox.send(message) }

    /// Waits for the end that a turn decided on.
    func join() { thread.join() }

    /// Sound to send: the thread alone uses it.
    private final class PollerBox: @unchecked Sendable {
        let poller: Poller
        init(_ poller: consuming Poller) { self.poller = poller }
    }
}
