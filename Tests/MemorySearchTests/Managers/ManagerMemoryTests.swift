import Foundation
import ManagerFakes
import Testing

/// The same promise where values come from another machine, and credentials of the agent's own bring them: nothing of a value
/// or of a credential is left after its time, and nothing of either is ever outside of the arena.
@Suite("Memory search: managers", .serialized)
struct ManagerMemoryTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: FakeServer.Kind
        let program: String

        var testDescription: String { program == Programs.agent ? kind.rawValue : "\(kind.rawValue), release" }
    }

    private static let cases = FakeServer.Kind.allCases.flatMap { kind in
        Programs.agents.map { Case(kind: kind, program: $0) }
    }

    @Test(
        "values and credentials lie in secret memory only, and nothing of them is left after their time",
        arguments: cases
    )
    func ordinary(of test: Case) async throws {
        let scene = try ManagedScene(test.kind)
        let work = ManagedWork(scene)
        let passing = Needles(work.passing)
        let agent = try scene.agent(test.program, .ordinary)
        let search = ManagerSearch(scene, agent, hasProbe: test.program == Programs.agent)
        try search.expectNothingOutside([Needles(scene.setup.configured)], "at the start")

        let canaries = try driven(work)
        let (gone, everywhere) = ([passing] + canaries.gone(), [passing, canaries.everywhere()])
        let begun = ContinuousClock.now
        try work.hold()
        try search.expectInside(work.held + canaries.inUse)
        try search.expectNothingOutside(everywhere, "while held")
        try search.expectNothingInside(Array(gone.dropFirst()), "while held")

        try await Task.sleep(until: begun + ManagedScene.lifetime + .seconds(1))
        try search.expectNothingInside(gone, "after the values' time")
        try search.expectNothingOutside(everywhere, "after the values' time")

        try work.hold()
        try work.evictAll()
        try search.expectNothingInside([passing], "after all were evicted")
        try search.expectNothingOutside([passing], "after all were evicted")

        #expect(agent.end(with: SIGTERM) == AgentProcess.End(signal: nil, status: 0, hasDumpedCore: false))
        for needles in everywhere {
            let found = try Findings.files(scene.workspace.writtenFiles, needles)
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test("without the measures the same search finds what they would have wiped")
    func unprotected() async throws {
        let scene = try ManagedScene(.vault)
        let work = ManagedWork(scene)
        let agent = try scene.agent(Programs.agent, .unprotected)
        let search = ManagerSearch(scene, agent, hasProbe: true)
        let canaries = try driven(work, withFaults: false)
        try work.hold()
        try work.evictAll()
        let inside = try search.inside(Needles(work.passing))
        #expect(inside.count(work.held[0], isFull: false) > 0)
        let values = try Findings.process(agent.pid, Needles(work.passing)).outside(inside.segments)
        #expect(values.full > 0, "\(values)")
        let credentials = try Findings.process(agent.pid, Needles(canaries.ended))
        #expect(credentials.fragments > 0, "\(credentials)")
        _ = agent.end(with: SIGKILL)
    }

    /// Does everything that agents do, and replaces every credential that can be replaced.
    private func driven(_ work: ManagedWork, withFaults: Bool = true) throws -> ManagerCanaries {
        let setup = work.scene.setup
        try work.use()
        for turn in setup.turns.dropFirst() {
            try turn.begin()
            try work.use()
        }
        if withFaults {
            try work.failToLogIn()
            try work.meetFaults()
            try work.giveUp()
        }
        let before = try SeenCredentials(setup.fake)
        try work.hold()
        return try ManagerCanaries(setup, before: before, now: SeenCredentials(setup.fake))
    }
}
