import Glibc
import Secrets
import TLS

/// Thousands of connections at once, each of which is served.
struct ConnectionsBenchmark {
    private static let connections = 5000
    /// Descriptors that either side needs beside the connections.
    private static let otherDescriptors = 200

    let program: String

    func run(_ report: inout Report) throws {
        report.section("Connections: \(Self.connections) at once, each with one request and its right answer")
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let count = min(Self.connections, Int(clamping: limit.rlim_cur) - Self.otherDescriptors)
        if count < Self.connections { report.note("only \(count), because this user may open no more (ulimit -Hn)") }

        let scene = try Scene(memory: "512MiB")
        let agent = try AgentProcess(program, in: scene)
        let context = try ClientContext(files: Scene.worker(beside: scene.socket))
        let start = BootInstant.now
        var links: [Link] = []
        for _ in 0..<count {
            let link = try Link(scene.socket, context)
            link.rest()
            links.append(link)
        }
        let opened = BootInstant.now.nanoseconds(since: start)
        let before = BootInstant.now
        for (number, link) in links.enumerated() { try link.ask(Scene.key(number % 1000)) }
        for link in links {
            try link.takeAnswer()
            link.rest()
        }
        let answered = BootInstant.now.nanoseconds(since: before)
        let open = try agent.metrics().sum("tacit_connections")
        report.figure(
            "connections open and answered",
            "\(open) of \(count)",
            promise: "\(Self.connections)",
            isMet: open == Self.connections
        )
        report.note(
            "  opened one after the other in \(Figure.time(opened)), all asked and answered in \(Figure.time(answered))"
        )
        // Silent connections give their buffers back.
        Pace.sleep(.seconds(3))
        let figures = agent.figures()
        let metrics = try agent.metrics()
        let used = metrics.sum("tacit_memory_used_bytes") / 1024
        report.figure("memory while they are idle", "VmRSS \(Figure.mebibytes(figures.resident))")
        report.note(
            "  \(figures.parts); arena in use \(Figure.mebibytes(used)), \(used / max(1, open)) KiB a connection"
        )
        try agent.end()
    }
}
