package import EventLoop
internal import Synchronization

/// Ends from another thread what one thread's connection waits for.
package final class Interruption: Sendable {
    private struct State {
        var call: UInt64 = 0
        var isRaised = false
    }

    private let waker: Inbox<Never>
    private let state = Mutex(State())

    package init() throws(SystemFailure) { waker = try Inbox() }

    /// What to wait on beside the connection's socket.
    package var descriptor: CInt { waker.descriptor }

    /// For the connection's thread: whether its call was given up. Takes the wake back.
    package func isRaised() -> Bool {
        _ = waker.takeAll()
        return state.withLock { $0.isRaised }
    }

    /// For the connection's thread: begins a call, and returns its number.
    package func begin() -> UInt64 {
        state.withLock { state in
            state.call &+= 1
            state.isRaised = false
            return state.call
        }
    }

    /// Interrupts the call with that number, and no other that came after it.
    package func raise(_ call: UInt64) {
        let isCurrent = state.withLock { state in
            if state.call == call { state.isRaised = true }
            return state.call == call
        }
        if isCurrent { waker.wake() }
    }
}
