internal import Synchronization

/// A call that one task waits for and one thread answers. Whoever comes first, the answer or the task's cancellation,
/// settles it; the other is dropped, and a value with it.
package final class PendingCall<Success: ~Copyable & Sendable, Failure: Error>: Sendable {
    private struct State: ~Copyable {
        var waiter: CheckedContinuation<Void, Never>?
        var success: Success?
        var failure: Failure?
        var isSettled = false
    }

    private let state = Mutex(State(waiter: nil, success: nil, failure: nil))

    package init() {}

    /// Whether nobody waits any more.
    package var isSettled: Bool { state.withLock { $0.isSettled } }

    /// Resumes `waiter` when the call is settled, at once where it already is.
    package func wait(_ waiter: CheckedContinuation<Void, Never>) {
        let isSettled = state.withLock { state in
            if !state.isSettled { state.waiter = waiter }
            return state.isSettled
        }
        if isSettled { waiter.resume() }
    }

    package func succeed(_ success: consuming sending Success) {
        var incoming: Success? = success
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard !state.isSettled else { return nil }
            state.isSettled = true
            state.success = incoming.take()
            return state.waiter.take()
        }
        waiter?.resume()
    }

    package func fail(_ failure: Failure) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard !state.isSettled else { return nil }
            state.isSettled = true
            state.failure = failure
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// The answer, for the one that waited.
    package func take() throws(Failure) -> Success {
        var success: Success?
        let failure: Failure? = state.withLock { state in
            success = state.success.take()
            return state.failure
        }
        if let success { return success }
        guard let failure else { preconditionFailure("a call was taken before it was settled, or twice") }
        throw failure
    }
}
