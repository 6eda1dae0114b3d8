import TLS

/// What the agent holds while it does nothing, and with secrets and connections.
struct MemoryBenchmark {
    private static let idleLimit = 16 << 10
    private static let loadedLimit = 36 << 10
    private static let secrets = 1000
    private static let connections = 500
    /// The agent looks every two seconds whether anything has happened since the last look.
    private static let silence = Duration.seconds(5)

    let program: String

    func run(_ report: inout Report) throws {
        report.section("Memory: VmRSS of the agent with the environment backend and the default limits")
        let scene = try Scene()
        let agent = try AgentProcess(program, in: scene)
        // What the start needed and gives back is not idle memory.
        Pace.sleep(Self.silence)
        try show("idle", agent, limit: Self.idleLimit, &report)

        let context = try ClientContext(files: Scene.worker(beside: scene.socket))
        let first = try Link(scene.socket, context)
        for number in 0..<Self.secrets { try first.get(Scene.key(number)) }
        var links = [first]
        while links.count < Self.connections {
            let link = try Link(scene.socket, context)
            try link.get(Scene.key(links.count))
            link.rest()
            links.append(link)
        }
        // Silent connections give their buffers back, and a silent agent its code.
        Pace.sleep(Self.silence)
        let cached = try agent.metrics().sum("tacit_cache_entries")
        guard cached == Self.secrets else { throw Failure("\(cached) secrets are cached, and not \(Self.secrets)") }
        try show("\(Self.secrets) secrets, \(links.count) idle connections", agent, limit: Self.loadedLimit, &report)
        try agent.end()
    }

    private func show(_ name: String, _ agent: AgentProcess, limit: Int, _ report: inout Report) throws {
        let figures = agent.figures()
        let metrics = try agent.metrics()
        report.figure(
            name,
            "VmRSS \(Figure.mebibytes(figures.resident))",
            promise: "at most \(Figure.mebibytes(limit))",
            isMet: figures.resident <= limit
        )
        let arena = metrics.sum("tacit_memory_mapped_bytes") / 1024
        let used = metrics.sum("tacit_memory_used_bytes") / 1024
        report.note("  \(figures.parts); arena \(Figure.mebibytes(arena)), of it in use \(Figure.mebibytes(used))")
        report.note("  \(Self.secretMemory(figures, metrics))")
    }

    /// The kernel counts pages of memfd_secret among the file's; said here, so that nobody counts them twice or not at all.
    private static func secretMemory(_ figures: ProcessFigures, _ metrics: MetricsPage) -> String {
        guard metrics.sum("tacit_protection{name=\"memory_secret\"}") == 1 else {
            return "memfd_secret is not granted here: the arena is ordinary memory, and locked where VmLck says so"
        }
        guard let secret = figures.secretMemory else {
            return "memfd_secret is in use; only root is shown how much of it is resident"
        }
        return "memfd_secret pages that are resident, as smaps shows them: \(Figure.mebibytes(secret))"
    }
}
