import ScriptedTime
import Synchronization
import Testing

@testable import Secrets

@Suite("A budget")
struct BudgetTests {
    private let time = ScriptedTime(.skips)
    private let reported = Recorder<BackendError>()

    private func budget(_ change: (inout BudgetRules) -> Void = { _ in }) -> Budget {
        var rules = BudgetRules()
        rules.retries.attempts = 5
        rules.breaker.failures = 3
        change(&rules)
        let reported = reported
        return Budget(rules, time: time.source) { reported.append($0) }
    }

    /// Fails so often, then gives the number of the call.
    private final class Manager: Sendable {
        private let calls = Mutex(0)
        private let failures: Int
        private let error: BackendError

        init(failing failures: Int, with error: BackendError = .unavailable(detail: "away")) {
            self.failures = failures
            self.error = error
        }

        var count: Int { calls.withLock { $0 } }

        func call() throws(BackendError) -> Int {
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            if number <= failures { throw error }
            return number
        }
    }

    private func run(
        _ budget: Budget,
        _ manager: Manager,
        _ kind: Budget.Kind = .read,
        within limit: Duration = .seconds(600)
    ) async -> Result<Int, BackendError> {
        let deadline = time.now.advanced(by: limit)
        do throws(BackendError) {
            return .success(
                try await budget.run(kind, until: deadline) { () throws(BackendError) in try manager.call() }
            )
        } catch {
            return .failure(error)
        }
    }

    @Test("measures how long each call took, those that failed too, and not the wait between them")
    func durations() async {
        let budget = budget()
        let (time, manager) = (time, Manager(failing: 1))
        let deadline = time.now.advanced(by: .seconds(600))
        let result = try? await budget.run(.read, until: deadline) { () throws(BackendError) in
            time.advance(by: .milliseconds(30))
            return try manager.call()
        }
        #expect(result == 2)
        let durations = budget.condition.durations
        #expect(durations.sumNanoseconds == 60_000_000)
        let bucket = durations.bounds.firstIndex(of: 50_000_000)
        #expect(bucket.map { durations.counts[$0] } == 2)
        #expect(durations.counts.reduce(0, +) == 2)
    }

    @Test("makes a read again that the manager failed, and reports each failure")
    func retries() async {
        let (budget, manager) = (budget(), Manager(failing: 2))
        #expect(await run(budget, manager) == .success(3))
        #expect(budget.condition.retries == 2 && budget.condition.calls == 3 && !budget.condition.isFailing)
        #expect(reported.all.count == 2)
    }

    @Test("makes one try of a read that has something to fall back on, and of a write that may have arrived")
    func oneTry() async {
        for kind in [Budget.Kind.impatientRead, .write] {
            let manager = Manager(failing: 1)
            #expect(await run(budget(), manager, kind) == .failure(.unavailable(detail: "away")))
            #expect(manager.count == 1)
        }
        let throttled = Manager(failing: 1, with: .throttled())
        #expect(await run(budget(), throttled, .write) == .success(2))
    }

    @Test("waits no longer than the caller does")
    func deadline() async {
        let manager = Manager(failing: 1, with: .throttled(retryAfter: .seconds(20)))
        #expect(await run(budget(), manager, within: .seconds(10)) == .failure(.throttled(retryAfter: .seconds(20))))
        #expect(time.slept.isEmpty)
    }

    @Test("leaves a manager alone that does not answer, and asks again after a while")
    func breaker() async {
        let (budget, manager) = (budget { $0.retries.attempts = 0 }, Manager(failing: 4))
        for _ in 0..<3 { _ = await run(budget, manager) }
        #expect(budget.condition.isOpen)
        guard case .failure(.unavailable(_, let retryAfter)) = await run(budget, manager) else {
            Issue.record("a call was made")
            return
        }
        #expect(manager.count == 3 && retryAfter == .seconds(5))
        time.advance(by: .seconds(5))
        _ = await run(budget, manager)
        #expect(manager.count == 4 && budget.condition.isOpen)
        time.advance(by: .seconds(10))
        #expect(await run(budget, manager) == .success(5))
        #expect(!budget.condition.isOpen && !budget.condition.isFailing)
    }

    @Test(
        "does not take a manager for away that answers",
        arguments: [.throttled(), .malformed(detail: "x"), .denied(detail: "x")] as [BackendError]
    )
    func answers(error: BackendError) async {
        let (budget, manager) = (budget { $0.retries.attempts = 0 }, Manager(failing: .max, with: error))
        for _ in 0..<10 { _ = await run(budget, manager) }
        #expect(manager.count == 10 && !budget.condition.isOpen && budget.condition.isFailing)
    }

    @Test("does not count what only the caller did wrong against the manager")
    func callersFault() async {
        let (budget, manager) = (budget(), Manager(failing: 1, with: .unsupported(detail: "no such version")))
        _ = await run(budget, manager)
        #expect(!budget.condition.isFailing && budget.condition.failures == 0)
        #expect(reported.all.isEmpty)
    }

    @Test("lets so many calls be under way, so many wait, and refuses the rest")
    func bounds() async {
        let budget = budget {
            $0.concurrency = 2
            $0.queueLimit = 3
            $0.retries.attempts = 0
        }
        let (tally, gate) = (Tally(), Gate())
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do throws(BackendError) {
                        try await budget.run(.read, until: .distantFuture) { () async throws(BackendError) in
                            tally.begin()
                            await gate.pass()
                            tally.end()
                        }
                        return true
                    } catch { return false }
                }
            }
            while budget.condition.refused < 5 { await Task.yield() }
            #expect(budget.condition.waiting == 3)
            await gate.open()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(results == 5)
        #expect(tally.most == 2)
    }

    @Test("who gives up while waiting leaves its place to others")
    func givenUp() async {
        let budget = budget { $0.concurrency = 1 }
        let gate = Gate()
        let first = Task {
            try await budget.run(.read, until: .distantFuture) { () async throws(BackendError) in await gate.pass() }
        }
        while budget.condition.calls < 1 { await Task.yield() }
        let waiting = Task {
            try await budget.run(.read, until: .distantFuture) { () async throws(BackendError) in }
        }
        while budget.condition.waiting < 1 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: BackendError.self) { try await waiting.value }
        #expect(budget.condition.waiting == 0)
        await gate.open()
        _ = try? await first.value
        let manager = Manager(failing: 0)
        #expect(await run(budget, manager) == .success(1))
    }

    @Test("keeps to the rate")
    func rate() async {
        let budget = budget {
            $0.callsPerSecond = 10
            $0.burst = 2
        }
        let (manager, start) = (Manager(failing: 0), time.now)
        for _ in 0..<12 { _ = await run(budget, manager) }
        #expect(time.now.nanoseconds(since: start) == 1_000_000_000)
        guard case .failure(.throttled(let wait)) = await run(budget, manager, within: .milliseconds(50)) else {
            Issue.record("a call went beyond the rate")
            return
        }
        #expect(wait == .milliseconds(100))
    }
}

/// How many were under way at the same time.
private final class Tally: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { state.withLock { $0.most } }

    func begin() {
        state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
    }

    func end() { state.withLock { $0.now -= 1 } }
}

/// Holds whoever comes until it is opened.
private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    func open() {
        isOpen = true
        for waiter in waiting { waiter.resume() }
        waiting = []
    }
}
