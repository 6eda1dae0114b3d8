public import Wire

/// What the agent's policy would decide, and why.
public struct Explanation: Equatable, Sendable {
    public let allowed: Bool
    /// Why not; nil where it is allowed.
    public let reason: Reason?
    /// The rule that decided; empty where none applied.
    public let rule: String
    /// A sentence for a person.
    public let message: String
    /// Namespaces in the order in which they would be searched.
    public let namespaces: [String]
    /// Scopes whose secrets managers would be asked, in that order.
    public let scopes: [String]

    init(_ answer: ExplainAnswer) {
        allowed = answer.allowed
        reason = answer.reason.rawValue.isEmpty ? nil : answer.reason
        rule = answer.rule
        message = answer.message
        namespaces = answer.namespaces
        scopes = answer.scopes
    }
}
