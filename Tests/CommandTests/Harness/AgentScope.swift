import Testing

/// The agent that all tests of a suite share.
struct AgentScope: SuiteTrait, TestScoping {
    @TaskLocal static var agent: RunningAgent?

    @concurrent
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let agent = try RunningAgent()
        do {
            try await Self.$agent.withValue(agent) { try await function() }
        } catch {
            _ = try agent.stop()
            throw error
        }
        let end = try agent.stop()
        #expect(end.status == 0, "\(end.errors)")
    }
}

extension Trait where Self == AgentScope {
    static var agent: Self { AgentScope() }
}

/// The agent of the suite.
func sharedAgent() throws -> RunningAgent { try #require(AgentScope.agent) }

/// Everything that needs a running agent lies in here.
@Suite(.agent) enum WithAgent {}
