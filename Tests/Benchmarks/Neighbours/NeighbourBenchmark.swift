import Glibc
import Secrets

/// What workers notice of peers that behave badly, each beside a quiet baseline of its own.
struct NeighbourBenchmark {
    private static let rounds = 7
    private static let roundTime = Duration.seconds(2)
    private static let limit = 2.0

    let program: String

    /// One stretch of time.
    private struct Round {
        let p50: Int64
        let p99: Int64
        /// The bound that 99 % of the requests kept, between their frame and their answer, by the agent's own clock.
        let agentP99: Int64
        /// Parts of a processor that the agent's threads had.
        let doorShare: Double
        let loopShare: Double
        /// How long a connection loop waited for a processor when it had something to do.
        let loopWait: Int64
    }

    func run(_ report: inout Report) throws {
        let rate = Workers.count * Workers.requestsPerSecond
        report.section(
            "Neighbours: \(Workers.count) workers, \(rate) requests a second; \(Self.rounds) rounds of quiet and abuse in turn"
        )
        report.note("Medians of the rounds as the workers see them, quiet -> abused, and what became of the p99.")
        let scene = try Scene()
        let agent = try AgentProcess(program, in: scene)
        let workers = try Workers(scene)
        _ = try workers.run(for: .milliseconds(500))
        try compare("a trickle of single bytes", .trickle, agent, workers, &report)
        try compare("requests whose answers nobody reads", .unread, agent, workers, &report)
        try compare("abandoned handshakes", .handshakes, agent, workers, &report)
        try compare("(a busy processor, agent left alone)", .spin, agent, workers, &report)
        try agent.end()
    }

    private func compare(
        _ name: String,
        _ kind: Abuse.Kind,
        _ agent: AgentProcess,
        _ workers: Workers,
        _ report: inout Report
    ) throws {
        var quiet: [Round] = []
        var abused: [Round] = []
        for _ in 0..<Self.rounds {
            quiet.append(try round(agent, workers))
            // Its beginning belongs to the round: that is when most of it happens.
            let abuser = try ChildProcess(["/proc/self/exe", Abuse.command, kind.rawValue, agent.scene.socket])
            abused.append(try round(agent, workers))
            guard !abuser.hasEnded else { throw Failure("the abuser of \"\(name)\" ended by itself") }
            abuser.end(with: SIGKILL)
            // What it left in the agent's queues is not the next baseline's.
            Pace.sleep(.milliseconds(500))
        }
        // Of the medians, and not the median of ratios: one busy moment of the machine would spoil a ratio either way.
        let ratio = Double(Samples(abused.map(\.p99)).median) / Double(max(1, Samples(quiet.map(\.p99)).median))
        let value =
            "p99 x \(Figure.ratio(ratio))   (p50 \(Self.both(quiet, abused) { $0.p50 }), p99 \(Self.both(quiet, abused) { $0.p99 }))"
        if kind == .spin {
            report.figure(name, value)
        } else {
            report.figure(name, value, promise: "p99 at most x \(Figure.ratio(Self.limit))", isMet: ratio <= Self.limit)
        }
        report.note(
            "  in the agent: 99 % within \(Self.both(quiet, abused) { $0.agentP99 }); loops waited for a processor"
                + " \(Self.both(quiet, abused) { $0.loopWait }) a turn"
        )
        report.note(
            "  processors used: loops \(Figure.ratio(abused.map(\.loopShare).median)),"
                + " door \(Figure.ratio(abused.map(\.doorShare).median))"
        )
    }

    private func round(_ agent: AgentProcess, _ workers: Workers) throws -> Round {
        let metrics = try agent.metrics()
        let figures = agent.figures()
        let start = BootInstant.now
        let samples = Samples(try workers.run(for: Self.roundTime))
        let elapsed = BootInstant.now.nanoseconds(since: start)
        let after = agent.figures()
        func spent(_ thread: String, _ kind: (ProcessFigures.ThreadTime) -> Int64) -> Int64 {
            (after.threads[thread].map(kind) ?? 0) - (figures.threads[thread].map(kind) ?? 0)
        }
        return Round(
            p50: samples.median,
            p99: samples.quantile(0.99),
            agentP99: Int64(try agent.metrics().timeWithinAgent(0.99, since: metrics) * 1_000_000_000),
            doorShare: Double(spent("tacit-door") { $0.running }) / Double(elapsed),
            loopShare: Double(spent("tacit-loop-") { $0.running }) / Double(elapsed),
            loopWait: spent("tacit-loop-") { $0.waiting } / max(1, spent("tacit-loop-") { $0.turns })
        )
    }

    private static func both(_ quiet: [Round], _ abused: [Round], _ value: (Round) -> Int64) -> String {
        "\(Figure.time(Samples(quiet.map(value)).median)) -> \(Figure.time(Samples(abused.map(value)).median))"
    }
}
