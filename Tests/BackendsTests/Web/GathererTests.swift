import Secrets
import Synchronization
import Testing

@testable import Backends

@Suite("Questions that come together")
struct GathererTests {
    /// Calls that were made, and a gate that keeps the first of them open.
    private final class Calls: Sendable {
        private let state = Mutex<(all: [[Int]], isOpen: Bool)>(([], false))
        var all: [[Int]] { state.withLock { $0.all } }
        func add(_ questions: [Int]) { state.withLock { $0.all.append(questions) } }
        func open() { state.withLock { $0.isOpen = true } }
        func waitUntilOpen() async { while !state.withLock({ $0.isOpen }) { await Task.yield() } }
        func wait(for count: Int) async { while all.count < count { await Task.yield() } }
    }

    private func gatherer(_ calls: Calls, limit: Int = 4, holdsFirst: Bool = true) -> Gatherer<Int, String> {
        Gatherer(limit: limit) { (questions) throws(BackendError) in
            let isFirst = calls.all.isEmpty
            calls.add(questions)
            if isFirst, holdsFirst { await calls.waitUntilOpen() }
            if questions.contains(13) { throw .conflict }
            return Dictionary(uniqueKeysWithValues: questions.filter { $0 != 7 }.map { ($0, "answer \($0)") })
        }
    }

    @Test("who asks alone is answered at once")
    func alone() async throws {
        let calls = Calls()
        let gatherer = gatherer(calls, holdsFirst: false)
        for question in 1...3 { #expect(try await gatherer.answer(to: question) == "answer \(question)") }
        #expect(calls.all == [[1], [2], [3]])
    }

    @Test("who asks while a call is under way is gathered, up to the limit, and each gets the own answer")
    func together() async throws {
        let calls = Calls()
        let gatherer = gatherer(calls)
        async let first = gatherer.answer(to: 100)
        await calls.wait(for: 1)
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for question in 0..<6 { group.addTask { (question, try await gatherer.answer(to: question)) } }
            // The same question twice is asked once.
            group.addTask { (0, try await gatherer.answer(to: 0)) }
            var found: [(Int, String)] = []
            for try await answer in group { found.append(answer) }
            return found
        }
        calls.open()
        #expect(try await first == "answer 100")
        #expect(answers.count == 7 && answers.allSatisfy { $0.1 == "answer \($0.0)" })
        #expect(calls.all.dropFirst().flatMap { $0 }.count <= 7)
        #expect(calls.all.allSatisfy { $0.count <= 4 } && calls.all.count <= 4)
    }

    @Test("a call that fails fails for all who are in it, and an answer that is left out for one")
    func failures() async throws {
        let calls = Calls()
        let gatherer = gatherer(calls, limit: 2)
        async let first = gatherer.answer(to: 100)
        await calls.wait(for: 1)
        async let one = failure { _ = try await gatherer.answer(to: 13) }
        async let other = failure { _ = try await gatherer.answer(to: 1) }
        #expect(await one == .conflict)
        #expect(await other == .conflict)
        async let missing = failure { _ = try await gatherer.answer(to: 7) }
        async let present = gatherer.answer(to: 8)
        #expect(try await present == "answer 8")
        guard case .malformed = await missing else {
            Issue.record("an answer came from nowhere")
            return
        }
        calls.open()
        #expect(try await first == "answer 100")
    }

    @Test("who gives up does not wait, and is not asked for")
    func cancelled() async throws {
        let calls = Calls()
        let gatherer = Gatherer<Int, String>(limit: 4, window: .milliseconds(100)) { (questions) throws(BackendError) in
            let isFirst = calls.all.isEmpty
            calls.add(questions)
            if isFirst { await calls.waitUntilOpen() }
            return Dictionary(uniqueKeysWithValues: questions.map { ($0, "answer \($0)") })
        }
        async let first = gatherer.answer(to: 100)
        await calls.wait(for: 1)
        let task = Task { await failure { _ = try await gatherer.answer(to: 1) } }
        try await Task.sleep(for: .milliseconds(10))
        task.cancel()
        guard case .unavailable = await task.value else {
            Issue.record("it was answered")
            return
        }
        #expect(try await gatherer.answer(to: 2) == "answer 2")
        #expect(calls.all == [[100], [2]])
        calls.open()
        #expect(try await first == "answer 100")
    }
}
