/// How long the agent takes from its start until it says that it is ready.
struct StartBenchmark {
    private static let starts = 20
    private static let limit: Int64 = 100_000_000

    let program: String

    func run(_ report: inout Report) throws {
        report.section("Start: from exec until READY=1, \(Self.starts) times")
        let scene = try Scene()
        var times: [Int64] = []
        for _ in 0..<Self.starts {
            let agent = try AgentProcess(program, in: scene)
            times.append(agent.startTime)
            try agent.end()
        }
        let samples = Samples(times)
        report.figure(
            "time to ready",
            "median \(Figure.time(samples.median))  max \(Figure.time(samples.maximum))",
            promise: "median at most \(Figure.time(Self.limit))",
            isMet: samples.median <= Self.limit
        )
    }
}
