internal import EventLoop
internal import Secrets
internal import Synchronization

/// Puts questions that come together into one call, for managers that answer several at once. Who asks while nobody else does is
/// answered alone and at once; only who comes while a call is under way waits a moment for company.
final class Gatherer<Question: Hashable & Sendable, Answer: Sendable>: Sendable {
    private typealias Waiter = PendingCall<Answer, BackendError>

    private struct State: Sendable {
        /// Questions in the order they came.
        var questions: [Question] = []
        var waiters: [Question: [Waiter]] = [:]
        var calls = 0
        var isTimerSet = false
    }

    private enum Step {
        case alone
        case wait(startsTimer: Bool)
        case send([Question], [Question: [Waiter]])
    }

    private let limit: Int
    private let window: Duration
    private let time: TimeSource
    private let ask: @Sendable ([Question]) async throws(BackendError) -> [Question: Answer]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: most questions in one call.
    ///   - window: how long the first of a group waits for others.
    ///   - ask: sends the call. A question that it has no answer for fails.
    init(
        limit: Int,
        window: Duration = .milliseconds(3),
        time: TimeSource = .system,
        ask: @escaping @Sendable ([Question]) async throws(BackendError) -> [Question: Answer]
    ) {
        self.limit = limit
        self.window = window
        self.time = time
        self.ask = ask
    }

    /// The answer to one question, whoever else's it was asked with.
    func answer(to question: Question) async throws(BackendError) -> Answer {
        let waiter = Waiter()
        let step = state.withLock { state -> Step in
            if state.calls == 0, state.questions.isEmpty {
                state.calls += 1
                return .alone
            }
            if state.waiters[question] == nil { state.questions.append(question) }
            state.waiters[question, default: []].append(waiter)
            if state.questions.count >= limit { return Self.taken(&state) }
            let startsTimer = !state.isTimerSet
            state.isTimerSet = true
            return .wait(startsTimer: startsTimer)
        }
        switch step {
        case .alone:
            defer { state.withLock { $0.calls -= 1 } }
            guard let answer = try await ask([question])[question] else { throw Self.missing }
            return answer
        case .wait(let startsTimer):
            if startsTimer { Task { await self.sendLater() } }
        case .send(let questions, let waiters):
            Task { await self.send(questions, waiters) }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter.wait($0) }
        } onCancel: {
            waiter.fail(.unavailable(detail: "the caller gave up"))
        }
        return try waiter.take()
    }

    private static var missing: BackendError {
        .malformed(detail: "the manager's answer to several questions leaves one out")
    }

    private static func taken(_ state: inout State) -> Step {
        let step = Step.send(state.questions, state.waiters)
        state.questions = []
        state.waiters = [:]
        state.calls += 1
        return step
    }

    private func sendLater() async {
        try? await time.sleep(window)
        let step = state.withLock { state -> Step in
            state.isTimerSet = false
            return state.questions.isEmpty ? .alone : Self.taken(&state)
        }
        if case .send(let questions, let waiters) = step { await send(questions, waiters) }
    }

    private func send(_ questions: [Question], _ waiters: [Question: [Waiter]]) async {
        // Nobody waits any more for those whose callers gave up.
        let questions = questions.filter { waiters[$0]?.contains { !$0.isSettled } == true }
        let result: Result<[Question: Answer], BackendError>
        do throws(BackendError) {
            result = .success(questions.isEmpty ? [:] : try await ask(questions))
        } catch { result = .failure(error) }
        state.withLock { $0.calls -= 1 }
        for (question, waiters) in waiters {
            for waiter in waiters {
                switch result {
                case .failure(let error): waiter.fail(error)
                case .success(let answers):
                    if let answer = answers[question] { waiter.succeed(answer) } else { waiter.fail(Self.missing) }
                }
            }
        }
    }
}
