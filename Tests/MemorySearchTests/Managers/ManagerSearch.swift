import Testing

/// Searches one agent's memory, from outside and, where it is a debug build, its arena from inside.
struct ManagerSearch {
    /// How long the threads may take to clean up behind an answer.
    private static let patience = Duration.seconds(1)

    private let scene: ManagedScene
    private let agent: AgentProcess
    private let hasProbe: Bool

    init(_ scene: ManagedScene, _ agent: AgentProcess, hasProbe: Bool) {
        self.scene = scene
        self.agent = agent
        self.hasProbe = hasProbe
    }

    func inside(_ needles: Needles) throws -> InsideSearch {
        try InsideSearch(socket: scene.workspace.path("probe.sock"), needles)
    }

    func expectInside(_ held: [Canary]) throws {
        guard hasProbe else { return }
        let found = try inside(Needles(held, forms: [.raw]))
        for canary in held { #expect(found.count(canary, isFull: true) > 0, "\(canary.name) is held") }
    }

    func expectNothingInside(_ needles: [Needles], _ when: String) throws {
        guard hasProbe else { return }
        for needles in needles {
            let end = ContinuousClock.now + Self.patience
            var found = try inside(needles).found()
            while !found.isEmpty, ContinuousClock.now < end { found = try inside(needles).found() }
            #expect(found == [], "\(when)")
        }
    }

    /// Everything that can be read from outside; only secret memory cannot.
    func expectNothingOutside(_ needles: [Needles], _ when: String) throws {
        for needles in needles {
            let found = try Findings.process(agent.pid, needles)
            #expect(found.unreadable.allSatisfy { $0.contains("secretmem") }, "\(found.unreadable)")
            #expect(found.searchedBytes > 1 << 20)
            #expect(found.threads > 4)
            #expect(found.isEmpty, "\(when): \(found)")
        }
    }
}
