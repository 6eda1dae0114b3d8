internal import Synchronization

/// Lets a bounded number of calls be under way; a bounded number of others waits, the first come first.
final class CallQueue: Sendable {
    private struct State: Sendable {
        var underWay = 0
        var waiting: [(number: UInt64, waiter: CheckedContinuation<Bool, Never>)] = []
        var nextNumber: UInt64 = 0
        /// Given up before they began to wait.
        var givenUp: Set<UInt64> = []
    }

    private let concurrency: Int
    private let limit: Int
    private let state = Mutex(State())

    init(concurrency: Int, limit: Int) {
        self.concurrency = max(1, concurrency)
        self.limit = limit
    }

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Waits for a turn, which ``leave()`` ends.
    ///
    /// - Returns: false where too many wait, or the task was cancelled.
    func enter() async -> Bool {
        let number: UInt64? = state.withLock { state in
            if state.underWay < concurrency {
                state.underWay += 1
                return nil
            }
            state.nextNumber += 1
            return state.nextNumber
        }
        guard let number else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isIn: Bool? = state.withLock { state in
                    if state.givenUp.remove(number) != nil || state.waiting.count >= limit { return false }
                    // A turn may have come free since the first look.
                    if state.underWay < concurrency {
                        state.underWay += 1
                        return true
                    }
                    state.waiting.append((number, waiter))
                    return nil
                }
                if let isIn { waiter.resume(returning: isIn) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private func giveUp(_ number: UInt64) {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                state.givenUp.insert(number)
                return nil
            }
            return state.waiting.remove(at: index).waiter
        }
        waiter?.resume(returning: false)
    }

    /// Ends a turn; the first that waits has the next.
    func leave() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.underWay -= 1
                return nil
            }
            return state.waiting.removeFirst().waiter
        }
        next?.resume(returning: true)
    }
}
