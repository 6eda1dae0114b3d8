internal import Secrets
internal import Synchronization

/// A call that one task waits for and one thread answers. Whoever comes first, the answer or the task's cancellation,
/// settles it; the other is dropped, and a value with it.
final class PendingCall<Success: ~Copyable & Sendable>: Sendable {
    private struct State: ~Copyable {
        var waiter: CheckedContinuation<Void, Never>?
        var success: Success?
        var failure: BackendError?
        var isSettled = false
    }

    private let state = Mutex(State(waiter: nil, success: nil, failure: nil))

    /// Whether nobody waits any more.
    var isSettled: Bool { state.withLock { $0.isSettled } }

    /// Resumes `waiter` when the call is settled, at once where it already is.
    func wait(_ waiter: CheckedContinuation<Void, Never>) {
        let isSettled = state.withLock { state in
            if !state.isSettled { state.waiter = waiter }
            return state.isSettled
        }
        if isSettled { waiter.resume() }
    }

    func succeed(_ success: consuming sending Success) {
        var incoming: Success? = success
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard !state.isSettled else { return nil }
            state.isSettled = true
            state.success = incoming.take()
            return state.waiter.take()
        }
        waiter?.resume()
    }

    func fail(_ failure: BackendError) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard !state.isSettled else { return nil }
            state.isSettled = true
            state.failure = failure
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// The answer, for the one that waited.
    func take() throws(BackendError) -> Success {
        var success: Success?
        let failure: BackendError? = state.withLock { state in
            success = state.success.take()
            return state.failure
        }
        if let success { return success }
        throw failure ?? .unavailable(detail: "the call was given up")
    }
}
