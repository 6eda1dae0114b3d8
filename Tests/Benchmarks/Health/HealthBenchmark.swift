import Secrets
import Synchronization
import TLS

/// How long the pages of health take while the loops have as much to do as they can, and what the requests notice of pages that
/// are asked for without end.
struct HealthBenchmark {
    private static let limit: Int64 = 5_000_000
    private static let stretch = Duration.seconds(3)
    private static let rounds = 5
    /// The part of the requests that may be lost to whoever asks for pages without end.
    private static let keptShare = 0.75

    let program: String

    func run(_ report: inout Report) throws {
        report.section("Health: pages while \(FullLoad.count) clients ask for secrets as fast as they are answered")
        let scene = try Scene()
        let agent = try AgentProcess(program, in: scene)
        let load = try FullLoad(scene)
        // Everything has been used once before it counts.
        _ = try pages("/", scene, for: .milliseconds(300))
        try load.start()
        for (path, isPromised) in [("/", true), ("/health/liveness", true), ("/health", false), ("/prometheus", false)]
        {
            let before = agent.figures()
            let start = BootInstant.now
            let samples = Samples(try pages(path, scene, for: Self.stretch))
            let elapsed = BootInstant.now.nanoseconds(since: start)
            let after = agent.figures()
            let busy = Double(Self.grown(after, before, "tacit-loop-", \.running)) / Double(elapsed)
            let turns = max(1, Self.grown(after, before, "NIO-ELT-", \.turns))
            let waited = Self.grown(after, before, "NIO-ELT-", \.waiting) / turns
            let p99 = samples.quantile(0.99)
            let figure =
                "p50 \(Figure.time(samples.median)), p99 \(Figure.time(p99)), longest \(Figure.time(samples.maximum))"
            if isPromised {
                let promise = "p99 under \(Figure.time(Self.limit))"
                report.figure(path, figure, promise: promise, isMet: p99 < Self.limit)
            } else {
                report.figure(path, figure)
            }
            report.note(
                "  of \(samples.values.count); the loops had \(Figure.ratio(busy)) processors; the endpoint waited \(Figure.time(waited)) a turn for one"
            )
        }
        try load.stop()
        try beside(load, scene, &report)
        try agent.end()
    }

    /// In turn, so that what else the machine does meets both.
    private func beside(_ load: FullLoad, _ scene: Scene, _ report: inout Report) throws {
        var alone: [Double] = []
        var shared: [Double] = []
        try load.start()
        for _ in 0..<Self.rounds {
            alone.append(try load.rate { Pace.sleep(.seconds(1)) })
            shared.append(try load.rate { _ = try pages("/", scene, for: .seconds(1), pause: .zero) })
        }
        try load.stop()
        let share = shared.median / max(1, alone.median)
        report.figure(
            "requests beside one who asks for / without end",
            "x \(Figure.ratio(share))   (\(Int(alone.median)) -> \(Int(shared.median)) a second)",
            promise: "at least x \(Figure.ratio(Self.keptShare))",
            isMet: share >= Self.keptShare
        )
    }

    /// Asks again and again over one connection.
    ///
    /// - Returns: how long each page took, in nanoseconds.
    private func pages(
        _ path: String,
        _ scene: Scene,
        for duration: Duration,
        pause: Duration = .milliseconds(5)
    ) throws -> [Int64] {
        let link = try PageLink(port: scene.healthPort)
        let end = BootInstant.now.advanced(by: duration)
        var times: [Int64] = []
        while BootInstant.now < end {
            let start = BootInstant.now
            guard try !link.get(path).isEmpty else { throw Failure("\(path) is empty") }
            times.append(BootInstant.now.nanoseconds(since: start))
            if pause > .zero { Pace.sleep(pause) }
        }
        return times
    }

    private static func grown(
        _ after: ProcessFigures,
        _ before: ProcessFigures,
        _ thread: String,
        _ value: KeyPath<ProcessFigures.ThreadTime, Int64>
    ) -> Int64 {
        (after.threads[thread]?[keyPath: value] ?? 0) - (before.threads[thread]?[keyPath: value] ?? 0)
    }
}
