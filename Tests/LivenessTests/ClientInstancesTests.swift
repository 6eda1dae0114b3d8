import Liveness
import Testing

@Suite("Clients' instances")
struct ClientInstancesTests {
    typealias Book = ClientInstances

    /// Judges each second from `start` to `end`.
    private func pass(_ book: inout Book, _ range: ClosedRange<Int>) -> [(second: Int, ended: Book.Ended)] {
        range.flatMap { second in book.judge(at: .seconds(second)).map { (second, $0) } }
    }

    private static func beat(
        _ id: String = "w1",
        _ state: ServiceState = .running,
        identity: String = "spiffe://example.org/worker",
        strategy: RestartStrategy = .afterTerminationGracePeriod,
        connection: UInt64 = 1,
        change: (inout LivenessRules) -> Void = { _ in }
    ) -> Book.Beat {
        var rules = LivenessRules()
        rules.interval = .seconds(1)
        rules.timeout = .seconds(10)
        rules.initialDelay = .zero
        rules.terminationGracePeriod = .seconds(20)
        rules.restartStrategy = strategy
        change(&rules)
        return Book.Beat(
            id: id,
            identity: identity,
            type: "WORKER",
            state: state,
            rules: rules,
            connection: ClientConnection(loop: 0, token: connection)
        )
    }

    private func makeBook(_ limits: Book.Limits = Book.Limits()) -> Book {
        var book = Book(interval: .seconds(1), limits: limits)
        _ = book.judge(at: .zero)
        return book
    }

    @Test("who beats within its time-out stays as it is")
    func beating() throws {
        var book = makeBook()
        for second in 0..<200 {
            if second.isMultiple(of: 9) { _ = try book.note(Self.beat(), at: .seconds(second)) }
            #expect(book.judge(at: .seconds(second)).isEmpty)
        }
        #expect(book.stateCounts == [.running: 1])
    }

    @Test("who is silent is disconnected after its own time-out, and given up after its grace period")
    func silence() throws {
        var book = makeBook()
        _ = try book.note(Self.beat(), at: .zero)
        #expect(pass(&book, 1...10).isEmpty)
        #expect(book.stateCounts == [.running: 1])
        #expect(pass(&book, 11...11).isEmpty)
        #expect(book.stateCounts == [.disconnected: 1])
        let ended = pass(&book, 12...40)
        #expect(ended.map(\.second) == [32])
        #expect(ended.first?.ended.state == .notRunning)
        #expect(book.stateCounts == [.notRunning: 1])
    }

    @Test(
        "the restart strategy decides when leases end",
        arguments: [(RestartStrategy.immediately, 11 as Int?), (.afterTerminationGracePeriod, 32), (.never, nil)]
    )
    func strategies(strategy: RestartStrategy, second: Int?) throws {
        var book = makeBook()
        _ = try book.note(Self.beat(strategy: strategy), at: .zero)
        #expect(pass(&book, 1...100).map(\.second) == [second].compactMap { $0 })
    }

    @Test(
        "who says that it has ended holds nothing any more, whatever its strategy",
        arguments: RestartStrategy.allCases
    )
    func goodbye(strategy: RestartStrategy) throws {
        var book = makeBook()
        let mark = try book.note(Self.beat(strategy: strategy), at: .zero).mark
        _ = try book.note(Self.beat(strategy: .never), at: .seconds(1))
        #expect(try book.note(Self.beat("w1", .terminating, strategy: strategy), at: .seconds(1)).ended == nil)
        let last = try book.note(Self.beat("w1", .terminatedGracefully, strategy: strategy), at: .seconds(2))
        #expect(last.ended?.mark == mark)
        #expect(last.state == .terminatedGracefully)
    }

    @Test("DISCONNECTED is never left for RUNNING; a new id is needed")
    func noReturn() throws {
        var book = makeBook()
        _ = try book.note(Self.beat(), at: .zero)
        _ = pass(&book, 1...12)
        #expect(try book.note(Self.beat(), at: .seconds(12)).state == .disconnected)
        #expect(try book.note(Self.beat("w1", .created), at: .seconds(12)).state == .disconnected)
        #expect(try book.note(Self.beat("w2"), at: .seconds(12)).state == .running)
        // It is still given up on time: its beats do not prolong the grace.
        var ended: [Int] = []
        for second in 13...40 {
            _ = try book.note(Self.beat(), at: .seconds(second))
            _ = try book.note(Self.beat("w2"), at: .seconds(second))
            ended += book.judge(at: .seconds(second)).map { _ in second }
        }
        #expect(ended == [32])
        #expect(try book.note(Self.beat(), at: .seconds(41)).state == .notRunning)
    }

    @Test("nobody beats for another's instance, dead or alive, until its id is forgotten")
    func foreign() throws {
        var limits = Book.Limits()
        limits.remembered = .seconds(100)
        var book = makeBook(limits)
        _ = try book.note(Self.beat(), at: .zero)
        #expect(throws: Book.Refusal.foreignInstance) {
            try book.note(Self.beat(identity: "spiffe://example.org/other"), at: .seconds(1))
        }
        _ = pass(&book, 1...120)
        #expect(throws: Book.Refusal.foreignInstance) {
            try book.note(Self.beat(identity: "spiffe://example.org/other"), at: .seconds(120))
        }
        _ = pass(&book, 121...140)
        #expect(book.stateCounts.isEmpty)
        #expect(try book.note(Self.beat(identity: "spiffe://example.org/other"), at: .seconds(140)).state == .running)
    }

    @Test("a pause of the one who judges kills nobody; silence after it does")
    func pause() throws {
        var book = makeBook()
        _ = try book.note(Self.beat(), at: .zero)
        _ = pass(&book, 1...3)
        // Stopped, or suspended, for eight hours.
        #expect(book.judge(at: .seconds(28_800)).isEmpty)
        #expect(book.stateCounts == [.running: 1])
        _ = pass(&book, 28_801...28_804)
        #expect(book.stateCounts == [.running: 1])
        _ = pass(&book, 28_805...28_808)
        #expect(book.stateCounts == [.disconnected: 1])
    }

    @Test("an instance that does not want to be judged is not, and is forgotten in the end")
    func unjudged() throws {
        var limits = Book.Limits()
        limits.longestTime = .seconds(1000)
        var book = makeBook(limits)
        _ = try book.note(Self.beat { $0.isEnabled = false }, at: .zero)
        _ = pass(&book, 1...999)
        #expect(book.stateCounts == [.running: 1])
        _ = pass(&book, 1000...1002)
        #expect(book.stateCounts.isEmpty)
    }

    @Test("a young instance is given its initial delay")
    func initialDelay() throws {
        var book = makeBook()
        _ = try book.note(Self.beat { $0.initialDelay = .seconds(30) }, at: .zero)
        _ = pass(&book, 1...30)
        #expect(book.stateCounts == [.running: 1])
        _ = pass(&book, 31...31)
        #expect(book.stateCounts == [.disconnected: 1])
    }

    @Test("time-outs shorter than a second are exact")
    func short() throws {
        var book = Book(interval: .milliseconds(10))
        _ = book.judge(at: .zero)
        let quick = Self.beat {
            $0.heartbeatInterval = .milliseconds(20)
            $0.timeout = .milliseconds(70)
        }
        _ = try book.note(quick, at: .zero)
        for step in 1...7 { _ = book.judge(at: .milliseconds(step * 10)) }
        #expect(book.stateCounts == [.running: 1])
        _ = book.judge(at: .milliseconds(80))
        #expect(book.stateCounts == [.disconnected: 1])
    }

    @Test("each of few instances has a mark of its own, the others share one, and a mark comes back")
    func marks() throws {
        var book = makeBook()
        var marks: Set<LeaseMark> = []
        for index in 0..<LeaseMark.count { marks.insert(try book.note(Self.beat("w\(index)"), at: .zero).mark) }
        #expect(marks.count == LeaseMark.count)
        #expect(!marks.contains(.shared))
        #expect(try book.note(Self.beat("late"), at: .zero).mark == .shared)
        #expect(try book.note(Self.beat("w7", .terminating), at: .zero).ended == nil)
        let mark = try #require(try book.note(Self.beat("w7", .terminatedForced), at: .zero).ended?.mark)
        #expect(try book.note(Self.beat("later"), at: .zero).mark == .shared)
        book.release(mark)
        #expect(try book.note(Self.beat("last"), at: .zero).mark == mark)
        // It shares a mark, so its end wipes nothing.
        _ = try book.note(Self.beat("late", .terminating), at: .zero)
        #expect(try book.note(Self.beat("late", .terminatedForced), at: .zero).ended?.mark == nil)
    }

    @Test("the room is bounded for all and for each, and those that have ended make way")
    func limits() throws {
        var limits = Book.Limits()
        limits.instances = 4
        limits.perIdentity = 3
        var book = makeBook(limits)
        for index in 0..<3 { _ = try book.note(Self.beat("a\(index)", identity: "a"), at: .zero) }
        #expect(throws: Book.Refusal.full) { try book.note(Self.beat("a3", identity: "a"), at: .zero) }
        _ = try book.note(Self.beat("b0", identity: "b"), at: .zero)
        #expect(throws: Book.Refusal.full) { try book.note(Self.beat("c0", identity: "c"), at: .zero) }
        _ = try book.note(Self.beat("a0", .terminating, identity: "a"), at: .zero)
        _ = try book.note(Self.beat("a0", .terminatedGracefully, identity: "a"), at: .zero)
        #expect(try book.note(Self.beat("c0", identity: "c"), at: .zero).state == .running)
    }

    @Test("an instance does not begin its life dead, and its times must make sense")
    func badBeats() throws {
        var book = makeBook()
        for state in ServiceState.allCases where state.hasEnded || state == .disconnected {
            #expect(throws: Book.Refusal.hasEnded) { try book.note(Self.beat("x", state), at: .zero) }
        }
        let changes: [@Sendable (inout LivenessRules) -> Void] = [
            { $0.heartbeatInterval = .zero }, { $0.timeout = $0.heartbeatInterval }, { $0.timeout = .seconds(86_401) },
            { $0.initialDelay = .seconds(-1) }, { $0.terminationGracePeriod = .seconds(86_401) },
        ]
        for change in changes {
            #expect(throws: Book.Refusal.badTimes) { try book.note(Self.beat(change: change), at: .zero) }
        }
    }

    @Test("many are asked to beat less often, but always three times within their time-out")
    func pacing() throws {
        var limits = Book.Limits()
        limits.beatsPerSecond = 10
        limits.perIdentity = 1000
        var book = makeBook(limits)
        #expect(try book.note(Self.beat("first"), at: .zero).nextBeat == .seconds(3))
        for index in 0..<30 { _ = try book.note(Self.beat("n\(index)"), at: .zero) }
        for index in 30..<500 { _ = try book.note(Self.beat("n\(index)"), at: .zero) }
        let timeout = Self.beat("first").rules.timeout
        var now = Duration.zero
        for _ in 0..<100 {
            let wait = try book.note(Self.beat("first"), at: now).nextBeat
            #expect(wait > .zero && wait <= timeout / 3)
            now += wait
        }
        // Fewer than it would by itself, although some waits are short.
        #expect(now > .seconds(3) * 100)
    }

    @Test(
        "where there are many, the instances of a connection are asked to beat at the same moment, and others at another"
    )
    func oneMomentForAConnection() throws {
        var limits = Book.Limits()
        limits.beatsPerSecond = 1
        var book = makeBook(limits)
        func due(_ id: String, _ token: UInt64, at now: Duration) throws -> Duration {
            var beat = Self.beat(id)
            beat.connection = ClientConnection(loop: 0, token: token)
            return now + (try book.note(beat, at: now).nextBeat)
        }
        // Enough for the longest waits.
        for index in 0..<100 { _ = try due("n\(index)", 7, at: .zero) }
        let steps = (0..<30).map { Duration.milliseconds(100 * $0) }
        var moments: Set<Int64> = []
        for (index, step) in steps.enumerated() {
            let due = try due("n\(index)", 7, at: .seconds(40) + step)
            moments.insert(Int64((due / .milliseconds(1)).rounded()))
        }
        // Who beats just before a moment means that one.
        #expect(moments.count <= 2)
        let other = try due("other", 8, at: .seconds(40))
        #expect(!moments.contains(Int64((other / .milliseconds(1)).rounded())))
    }

    @Test("an instance that beats a little early is asked for the next moment, not for the same one again")
    func earlyBeats() throws {
        var limits = Book.Limits()
        limits.beatsPerSecond = 1
        var book = makeBook(limits)
        for index in 0..<100 { _ = try book.note(Self.beat("n\(index)"), at: .zero) }
        var now = try book.note(Self.beat("n0"), at: .zero).nextBeat
        let period = try book.note(Self.beat("n0"), at: now).nextBeat
        for _ in 0..<20 {
            let wait = try book.note(Self.beat("n0"), at: now - .milliseconds(5)).nextBeat
            #expect(wait > period / 2)
            now += period
        }
    }
}
