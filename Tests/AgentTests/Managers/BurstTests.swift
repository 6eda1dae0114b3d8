import ManagerFakes
import TacitClient
import Testing

/// What happens at the start of a minute: many workers begin at once and want the same few secrets, none of which is cached.
@Suite("A burst of workers", .onItsOwnThread)
struct BurstTests {
    private static let workers = 256
    private static let keys = (0..<5).map { "KEY_\($0)" }
    private static let namespace = "company.team.project"
    /// The keys are in the last, so that each is looked for in all of them.
    private static let levels = 3

    /// An agent that has answered nothing yet, and a manager with the keys.
    private func scene(_ kind: FakeServer.Kind) throws -> ManagedProgram {
        let scene = try ManagedProgram(
            FakeServer(kind),
            "cache: {expire-after-write: 10m, expire-not-found: 10m}",
            kestra: "retries: {delay: 100ms, max-delay: 1s}"
        )
        try scene.put(Dictionary(uniqueKeysWithValues: Self.keys.map { ($0, "value of \($0)") }), in: "company")
        _ = try scene.program.end()
        try scene.program.restart()
        try scene.fake.clearRequests()
        return scene
    }

    /// Lets all of them ask, and gives what each was answered.
    private func burst(_ scene: ManagedProgram) throws -> [[String]] {
        let answers = Recorded<[String]>()
        let options = try scene.options()
        let threads = Threads()
        let (connected, start) = (Recorded<Int>(), Recorded<Int>())
        for worker in 0..<Self.workers {
            threads.start {
                var client = try TacitClient(options)
                try client.connect()
                connected.append(worker)
                try waitUntil("all are connected", seconds: 120) { !start.all.isEmpty }
                let batch = try client.get(Self.keys.map { Reference($0, in: Self.namespace) })
                var found: [String] = []
                batch.forEach { _, result in
                    switch result {
                    case .found(let secret): found.append(Answer.text(secret.value))
                    case .refused(let refusal): found.append("refused: \(refusal.reason)")
                    }
                }
                answers.append(found)
            }
        }
        try waitUntil("all are connected", seconds: 120) { connected.all.count == Self.workers }
        start.append(1)
        try threads.join()
        return answers.all
    }

    private let expected = Self.keys.map { "value of \($0)" }

    @Test("makes no more calls of the manager than there are keys at levels", arguments: FakeServer.Kind.allCases)
    func calls(kind: FakeServer.Kind) throws {
        let scene = try scene(kind)
        let answers = try burst(scene)
        #expect(answers.count == Self.workers)
        #expect(answers.allSatisfy { $0 == expected })
        let calls = try scene.fake.requests().filter(scene.fake.isAboutSecrets)
        #expect(calls.count <= Self.levels * Self.keys.count, "\(calls.map { "\($0.method) \($0.path)" })")
    }

    @Test(
        "is answered without an error where the manager throttles half of the calls",
        arguments: FakeServer.Kind.allCases
    )
    func throttled(kind: FakeServer.Kind) throws {
        let scene = try scene(kind)
        try scene.fake.fault("throttle", times: 0, ["rate": 0.5])
        let answers = try burst(scene)
        #expect(answers.count == Self.workers)
        let wrong = answers.filter { $0 != expected }
        #expect(wrong.isEmpty, "\(wrong.first ?? [])")
        #expect(try scene.fake.requests().contains { $0.fault == "throttle" })
    }
}
