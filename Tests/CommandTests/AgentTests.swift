import Foundation
import Testing

extension WithAgent {
    @Suite("tacit agent") struct AgentTests {
        let agent: RunningAgent

        init() throws { agent = try sharedAgent() }

        private func start(_ changes: [(String, String)]) throws -> Outcome {
            let configuration = try String(contentsOfFile: agent.workspace.path("agent.yaml"), encoding: .utf8)
            let workspace = try Workspace()
            let changed = ([(agent.workspace.path("secrets.db"), workspace.path("other.db"))] + changes)
                .reduce(configuration) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
            let path = try workspace.write(changed, to: "agent.yaml")
            return try tacit("agent", "-c", path, environment: ["STORE_SECRET": RunningAgent.storeSecret])
        }

        @Test("ends with 3 where an address is taken, because a later start may get it")
        func addressTaken() throws {
            let outcome = try start([("audit.jsonl", "other.jsonl")])
            #expect(outcome.status == 3)
            #expect(outcome.errors.contains("agent.sock"))
        }

        @Test("ends with 3 where the audit file cannot be opened")
        func noAudit() throws {
            let outcome = try start([("audit.jsonl", "nowhere/audit.jsonl")])
            #expect(outcome.status == 3)
            #expect(outcome.errors.contains("tacit.audit.file"))
        }

        @Test("ends with 2 where what it was told is wrong, because no later start is better")
        func wrong() throws {
            #expect(try start([("agent.crt", "worker.crt")]).status == 2)
            #expect(try start([("lock: preferred", "lok: preferred")]).status == 2)
        }
    }
}
