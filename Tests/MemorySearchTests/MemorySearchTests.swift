import Foundation
import Testing

/// The promise that everything else serves: a value is in locked memory for as long as it is held, nowhere else, and
/// afterwards nowhere at all.
@Suite("Memory search", .serialized)
struct MemorySearchTests {
    /// Connections that the clients of one run open at once.
    private static let connections = 200

    private let scene: Scene
    private let work: Work
    /// What comes and goes, in every form.
    private let passing: Needles
    /// What came through the environment and may stay there as it was written: Base64.
    private let environment: Needles
    private let configured: Needles
    private let many: Needles

    init() throws {
        scene = try Scene()
        work = Work(scene)
        passing = Needles(work.passing)
        environment = Needles(scene.environment)
        configured = Needles(scene.configured)
        many = Needles(scene.environmentFile, forms: [.raw])
    }

    /// Everything at once, for searches of places where nothing at all may be.
    private var everything: Needles {
        Needles(work.passing + scene.environment + scene.configured)
    }

    private static let encoded: [Form] = [.base64, .base64URL]

    @Test(
        "held values lie in secret memory only, and nothing of them is left after their time",
        arguments: Programs.agents
    )
    func ordinary(program: String) async throws {
        let agent = try AgentProcess(program, in: scene.workspace, scene.variables, .ordinary)
        let hasProbe = program == Programs.agent
        let everything = everything
        // What was configured is in the arena by now and nowhere else, also not in the environment.
        #expect(try outside(agent, everything).isEmpty)

        try work.store()
        for unix in [true, false] { try work.ask(unix: unix) }
        try work.misbehave()
        try work.load(connections: Self.connections, threads: 8) {
            // A thread that is stopped while it copies a value has it in its registers.
            let found = try outside(agent, everything).filter { !$0.isInRegisters }
            #expect(found.isEmpty, "under load: \(found)")
        }

        try agent.reload()

        let begun = ContinuousClock.now
        try work.hold()
        if hasProbe { try expectHeld() }
        let found = try outside(agent, everything)
        #expect(found.isEmpty, "while held: \(found)")
        if hasProbe { try expectHeld() }

        try await Task.sleep(until: begun + Scene.lifetime + .seconds(1))
        if hasProbe { try expectNothingInside() }
        let left = try outside(agent, everything)
        #expect(left.isEmpty, "after the values' time: \(left)")
        let leftOfMany = try outside(agent, many)
        #expect(leftOfMany.isEmpty, "after the values' time: \(leftOfMany)")

        try work.hold(unix: false)
        let end = agent.end(with: SIGABRT)
        #expect(end == AgentProcess.End(signal: SIGABRT, status: nil, hasDumpedCore: false))
        let files = try FileManager.default.contentsOfDirectory(atPath: scene.workspace.folder)
        #expect(files.allSatisfy { !$0.hasPrefix("core") })
        try expectNothingWritten(everything)
    }

    @Test("a request of which only a part has come lies in secret memory only")
    func partOfARequest() async throws {
        let agent = try AgentProcess(Programs.agent, in: scene.workspace, scene.variables, .ordinary)
        var peer = try RawPeer(scene.workspace, as: "operator")
        try peer.send(allBut: 1) { try $0.appendPut("CUT", work.cutShort.bytes, id: 1) }
        try await Task.sleep(for: .milliseconds(200))
        #expect(try inside(passing).count(work.cutShort, isFull: false) > 0)
        let found = try outside(agent, passing)
        #expect(found.isEmpty, "\(found)")
        _ = agent.end(with: SIGKILL)
    }

    @Test("nothing is left after the values' time in memory that root can read", arguments: Programs.agents)
    func withoutSecretMemory(program: String) async throws {
        let agent = try AgentProcess(program, in: scene.workspace, scene.variables, .withoutSecretMemory)
        try work.store()
        for unix in [true, false] { try work.ask(unix: unix) }
        try work.misbehave()
        try work.load(connections: Self.connections, threads: 8) { usleep(100_000) }

        let begun = ContinuousClock.now
        try work.hold()
        let held = try Findings.process(agent.pid, passing)
        #expect(held.unreadable.isEmpty, "the whole process can be read")
        for canary in work.plain {
            let isHeld = held.hits.contains { $0.meaning == .init(canary: canary.name, form: .raw, isFull: true) }
            #expect(isHeld, "\(canary.name) is held")
        }

        try await Task.sleep(until: begun + Scene.lifetime + .seconds(1))
        let left = try Findings.process(agent.pid, passing)
        #expect(left.isEmpty, "\(left)")
        let environment = try Findings.process(agent.pid, environment).filter {
            !Self.encoded.contains($0.meaning.form)
        }
        #expect(environment.isEmpty, "\(environment)")
        let leftOfMany = try Findings.process(agent.pid, many)
        #expect(leftOfMany.isEmpty, "\(leftOfMany)")
        #expect(agent.end(with: SIGTERM) == AgentProcess.End(signal: nil, status: 0, hasDumpedCore: false))
        try expectNothingWritten(everything)
    }

    @Test("nothing is left in the moment in which the process ends", arguments: Programs.agents)
    func atTheEnd(program: String) throws {
        let agent = try AgentProcess(program, in: scene.workspace, scene.variables, .withoutSecretMemory)
        try work.store()
        for unix in [true, false] { try work.ask(unix: unix) }
        try work.hold()
        let held = try Findings.process(agent.pid, passing)
        #expect(held.full > 0)
        let left = try Findings.exit(of: agent.pid, after: [SIGTERM], everything)
        #expect(left.searchedBytes > 1 << 20)
        #expect(left.isEmpty, "\(left)")
        #expect(agent.wait() == AgentProcess.End(signal: nil, status: 0, hasDumpedCore: false))
    }

    @Test("without the measures the search at the end finds what they would have wiped")
    func unprotectedEnd() throws {
        let agent = try AgentProcess(Programs.agent, in: scene.workspace, scene.variables, .unprotected)
        try work.store()
        try work.hold()
        let left = try Findings.exit(of: agent.pid, after: [SIGTERM, SIGTERM], everything)
        #expect(left.full > 0)
        #expect(agent.wait() == AgentProcess.End(signal: nil, status: 0, hasDumpedCore: false))
    }

    @Test("without the measures the same search finds what they would have wiped")
    func unprotected() async throws {
        let agent = try AgentProcess(Programs.agent, in: scene.workspace, scene.variables, .unprotected)
        try work.store()
        for unix in [true, false] { try work.ask(unix: unix) }
        try work.misbehave()
        let begun = ContinuousClock.now
        try work.hold()
        try await Task.sleep(until: begun + Scene.lifetime + .seconds(1))

        // A freed block's first bytes hold the link to the next, so that short values are no longer whole.
        let kept = try inside(passing)
        for canary in work.plain { #expect(kept.count(canary, isFull: false) > 0, "\(canary.name)") }
        #expect(kept.count(work.large, isFull: true) > 0)
        let left = try Findings.process(agent.pid, everything)
        #expect(left.full > 0)
        #expect(left.fragments > left.full)
        let beyond = left.outside(kept.segments)
        #expect(beyond.full > 0, "outside of the arena: \(beyond)")
        _ = agent.end(with: SIGKILL)
    }

    // MARK: Searching

    /// Everything that can be read from outside; only secret memory cannot.
    private func outside(_ agent: AgentProcess, _ needles: Needles) throws -> Findings {
        let found = try Findings.process(agent.pid, needles)
        #expect(found.unreadable.allSatisfy { $0.contains("secretmem") }, "\(found.unreadable)")
        #expect(found.searchedBytes > 1 << 20)
        #expect(found.threads > 4)
        return found
    }

    private func inside(_ needles: Needles) throws -> InsideSearch {
        try InsideSearch(socket: scene.path("probe.sock"), needles)
    }

    private func expectHeld() throws {
        let found = try inside(Needles(work.held, forms: [.raw]))
        for canary in work.held where !canary.name.contains("field") {
            #expect(found.count(canary, isFull: true) > 0, "\(canary.name) is held")
        }
    }

    private func expectNothingInside() throws {
        #expect(try inside(passing).found() == [])
        #expect(try inside(environment).found(Form.allCases.filter { !Self.encoded.contains($0) }) == [])
        #expect(try inside(many).found() == [])
    }

    private func expectNothingWritten(_ everything: Needles) throws {
        for needles in [everything, many] {
            let found = try Findings.files(scene.writtenFiles, needles)
            #expect(found.isEmpty, "\(found)")
            #expect(found.searchedBytes > 10_000)
        }
    }
}
