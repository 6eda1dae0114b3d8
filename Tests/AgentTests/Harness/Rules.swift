@testable import Agent
@testable import Secrets

/// The rules that most tests go by.
extension Node {
    static func policy(_ choices: Choices, generation: UInt64) throws -> Policy {
        Policy(grants: choices.grants, denials: choices.denials, generation: generation)
    }

    /// Services of any kind may do everything in `company` and below.
    static func worker(namespaces: [String] = ["company.**"], _ operations: [Secrets.Operation] = Operation.allCases)
        throws -> PolicyRule
    {
        try PolicyRule(
            identity: "spiffe://example.org/tenant/{tenant}/service/{service}",
            service: "{service}",
            tenant: "{tenant}",
            namespaces: namespaces,
            operations: operations.reduce(into: Operations()) { $0.insert(Operations($1)) }
        )
    }

    static func operators() throws -> PolicyRule {
        try PolicyRule(
            identity: "spiffe://example.org/operator/*",
            tenant: "main",
            operations: Operation.allCases.reduce(into: Operations()) { $0.insert(Operations($1)) }
        )
    }
}
