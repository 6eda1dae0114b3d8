import Foundation
import ManagerFakes

/// An agent whose manager is a fake, with a namespace for each way to log in.
final class ManagedScene: Sendable {
    /// How long the agent keeps a value.
    static let lifetime = Duration.seconds(3)

    let workspace: Workspace
    let setup: ManagerSetup

    init(_ kind: FakeServer.Kind) throws {
        workspace = try Workspace()
        setup = try ManagerSetup(kind, in: workspace)
        let cache = "cache: {expire-after-write: \(Self.lifetime.components.seconds)s}"
        let sections = setup.logins.map { ($0.namespace, setup.secret($0, cache)) }
        try workspace.write(
            "agent.yaml",
            workspace.configuration(
                scopes: Array(sections.dropFirst()),
                kestra: ["secret: \(sections[0].1)", "retries: {attempts: 3, delay: 50ms, max-delay: 200ms}"]
            )
        )
        try setup.turns[0].begin()
    }

    func agent(_ program: String, _ manner: AgentProcess.Manner) throws -> AgentProcess {
        let variables = workspace.variables.merging(setup.variables) { $1 }
        return try AgentProcess(program, in: workspace, variables, manner)
    }
}
