internal import CLinux
internal import Glibc
internal import Synchronization

/// Where other threads leave work for a loop. An eventfd wakes the loop; many messages cost one wake.
package final class Inbox<Message: Sendable>: Sendable {
    /// What the loop waits on.
    package let descriptor: CInt
    private let waiting = Mutex<[Message]>([])

    package init() throws(SystemFailure) {
        descriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemFailure(operation: "eventfd", code: errno) }
    }

    /// Leaves a message. Never blocks; how many there can be is bounded by whoever sends them.
    package func send(_ message: Message) {
        let wasEmpty = waiting.withLock { waiting in
            waiting.append(message)
            return waiting.count == 1
        }
        if wasEmpty { wake() }
    }

    /// Makes the loop turn once.
    package func wake() {
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Takes all messages. For the loop only.
    package func takeAll() -> [Message] {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
        return waiting.withLock { waiting in
            let taken = waiting
            waiting.removeAll(keepingCapacity: taken.count <= 64)
            return taken
        }
    }

    deinit { close(descriptor) }
}
