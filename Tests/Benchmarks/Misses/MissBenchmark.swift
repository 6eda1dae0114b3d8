import Glibc
import Secrets
import Synchronization
import TLS

/// Many who ask at once for what nobody has yet: the manager is to be asked once.
struct MissBenchmark {
    private static let callers = 1000

    let program: String

    func run(_ report: inout Report) async throws {
        report.section("Misses: \(Self.callers) callers ask for one name at once that is not cached")
        try agent(&report)
        try await resolver(&report)
    }

    /// The whole agent. It is stopped until every request lies in its sockets, so that all of them come at once.
    private func agent(_ report: inout Report) throws {
        let scene = try Scene(memory: "256MiB")
        let agent = try AgentProcess(program, in: scene)
        let context = try ClientContext(files: Scene.worker(beside: scene.socket))
        let links = try (0..<Self.callers).map { _ in try Link(scene.socket, context) }
        let before = try agent.metrics()
        kill(agent.pid, SIGSTOP)
        defer { kill(agent.pid, SIGCONT) }
        for link in links { try link.ask(Scene.key(0)) }
        kill(agent.pid, SIGCONT)
        for link in links { try link.takeAnswer() }
        let after = try agent.metrics()
        func grown(_ name: String) -> Int { after.sum(name) - before.sum(name) }
        let calls = grown("tacit_backend_calls_total")
        report.figure("agent, a connection each", "\(calls) calls of the manager", promise: "1", isMet: calls == 1)
        let waited = grown("tacit_requests_total{method=\"get\",outcome=\"fresh\"}")
        let hits = grown("tacit_requests_total{method=\"get\",outcome=\"hit\"}")
        report.note("  by the agent's metrics; \(waited) waited for that call, \(hits) came when it was over")
        try agent.end()
    }

    /// The environment answers before many can wait for it, so the resolver is also asked with a manager that takes its time.
    private func resolver(_ report: inout Report) async throws {
        let manager = SlowBackend()
        let scopes = ScopeTable([Scope(id: 1, name: "bench", type: "bench", backend: manager)])
        let resolver = SecretResolver(cache: Cache())
        let found = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
            for _ in 0..<Self.callers {
                group.addTask {
                    let reference = SecretReference(tenant: "", namespace: "bench", key: "KEY")
                    let answer = await resolver.resolve(
                        reference,
                        scopes: scopes,
                        until: .distantFuture,
                        skipping: { _ in false }
                    )
                    if case .found = answer { return true } else { return false }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let calls = manager.calls.load(ordering: .relaxed)
        report.figure(
            "resolver, a manager that takes 200 ms",
            "\(calls) calls, \(found) answers",
            promise: "1",
            isMet: calls == 1 && found == Self.callers
        )
    }
}
