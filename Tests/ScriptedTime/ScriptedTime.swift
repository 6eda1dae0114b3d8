package import Secrets
import Synchronization

/// Time that passes when a test says so.
package final class ScriptedTime: Sendable {
    package enum Sleeping: Sendable {
        /// Who sleeps waits for ``advance(by:)``.
        case waits
        /// Who sleeps goes on at once, and the time has passed.
        case skips
    }

    private struct Sleeper: Sendable {
        let number: Int
        let until: BootInstant
        let waiter: CheckedContinuation<Void, any Error>
    }

    private struct State: Sendable {
        var now = BootInstant(nanoseconds: 1_000_000_000_000)
        var wall: Int64 = 1_800_000_000_000
        var sleepers: [Sleeper] = []
        var slept: [Duration] = []
        var lastNumber = 0
    }

    private let sleeping: Sleeping
    private let state = Mutex(State())

    package init(_ sleeping: Sleeping) { self.sleeping = sleeping }

    package var source: TimeSource {
        TimeSource(now: { self.now }, wall: { self.state.withLock { $0.wall } }, sleep: { try await self.sleep($0) })
    }

    package var now: BootInstant { state.withLock { $0.now } }
    /// What was slept so far, in order.
    package var slept: [Duration] { state.withLock { $0.slept } }
    /// How many sleep now.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Lets time pass, wakes who slept until then, and waits until one of them sleeps again; not for ever, because who was woken
    /// may have been replaced meanwhile.
    package func advanceAndSettle(by duration: Duration) async throws {
        let before = slept.count
        guard advance(by: duration) > 0 else { return }
        for _ in 0..<2000 where slept.count == before { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Lets time pass, and wakes who slept until then.
    ///
    /// - Returns: how many were woken.
    @discardableResult
    package func advance(by duration: Duration) -> Int {
        let woken = state.withLock { state in
            Self.pass(duration, &state)
            let woken = state.sleepers.filter { $0.until <= state.now }
            state.sleepers.removeAll { $0.until <= state.now }
            return woken
        }
        for sleeper in woken.sorted(by: { $0.until < $1.until }) { sleeper.waiter.resume() }
        return woken.count
    }

    /// Returns once so many sleep.
    package func sleepers(_ count: Int) async {
        while sleeperCount < count, !Task.isCancelled { await Task.yield() }
    }

    private static func pass(_ duration: Duration, _ state: inout State) {
        state.now = state.now.advanced(by: duration)
        state.wall += duration.nanoseconds / 1_000_000
    }

    private func sleep(_ duration: Duration) async throws {
        try Task.checkCancellation()
        let number = state.withLock { state in
            state.lastNumber += 1
            guard sleeping == .skips else { return state.lastNumber }
            state.slept.append(duration)
            Self.pass(duration, &state)
            return state.lastNumber
        }
        guard sleeping == .waits else { return await Task.yield() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                state.withLock { state in
                    let until = state.now.advanced(by: duration)
                    state.sleepers.append(Sleeper(number: number, until: until, waiter: waiter))
                    // Not before: who has seen that it sleeps may let time pass.
                    state.slept.append(duration)
                }
                if Task.isCancelled { wake(number) }
            }
        } onCancel: {
            wake(number)
        }
    }

    private func wake(_ number: Int) {
        let sleeper = state.withLock { state in
            state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0) }
        }
        sleeper?.waiter.resume(throwing: CancellationError())
    }
}
