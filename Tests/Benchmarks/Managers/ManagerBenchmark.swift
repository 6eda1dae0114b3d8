import HTTP
import ManagerFakes
import SecretMemory
import Secrets
import TLS

/// What the agent adds to a miss: the time until a worker has its answer, beside the time that the manager itself takes for the
/// same request over a connection that is open already. The two are taken in turn, so that both meet the same noise.
struct ManagerBenchmark {
    private static let rounds = 500
    private static let promise: Int64 = 1_000_000

    let program: String

    func run(_ report: inout Report) async throws {
        report.section("Managers: \(Self.rounds) misses, each beside the same request without the agent")
        let fake = try FakeServer(.vault)
        let value = String(repeating: "x", count: 64)
        try fake.command("put", ["path": "main/company/team/KEY", "data": ["value": value]])
        let scene = try Scene(secret: fake.secret("cache: {enabled: false}"))
        let agent = try AgentProcess(program, in: scene)
        let link = try Link(scene.socket, ClientContext(files: Scene.worker(beside: scene.socket)))
        let direct = try DirectRequest(fake, path: "/v1/secret/data/main/company/team/KEY")
        var (through, alone) = ([Int64](), [Int64]())
        for round in 0..<(Self.rounds + 20) {
            let start = BootInstant.now
            try await direct.send()
            let middle = BootInstant.now
            try link.get("KEY")
            let end = BootInstant.now
            // The first few open connections.
            guard round >= 20 else { continue }
            alone.append(middle.nanoseconds(since: start))
            through.append(end.nanoseconds(since: middle))
        }
        let (agentTime, managerTime) = (Samples(through), Samples(alone))
        let added = agentTime.median - managerTime.median
        report.figure("the manager alone, median", Figure.time(managerTime.median))
        report.figure("through the agent, median", Figure.time(agentTime.median))
        report.figure(
            "added by the agent, median",
            Figure.time(added),
            promise: "under 1 ms",
            isMet: added < Self.promise
        )
        try agent.end()
    }
}

/// The request that the agent sends for a miss, sent without it.
private struct DirectRequest {
    private let client: HTTPClient
    private let request: HTTPRequest

    init(_ fake: FakeServer, path: String) throws {
        var settings = HTTPClientSettings()
        settings.authorities = try Self.secret(TextFile.read(fake.authority))
        client = try HTTPClient(settings)
        var request = HTTPRequest(.get, fake.address + path)
        request.headers = [("X-Vault-Request", "true")]
        request.secretHeaders = [SecretHeader("X-Vault-Token", try Self.secret(fake.details["root-token"] ?? ""))]
        self.request = request
    }

    func send() async throws {
        let status = try await client.send(request).status
        guard status == 200 else { throw Failure("the manager answered with status \(status)") }
    }

    private static func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: text.utf8Span.span))
    }
}
