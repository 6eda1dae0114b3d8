/// Whether something is allowed, why, and which rule said so.
public struct Decision: Sendable, Equatable {
    /// Why something was denied.
    public enum Refusal: String, CaseIterable, Sendable {
        /// The isolation policy keeps this service type from secrets.
        case serviceDenied = "SERVICE_DENIED"
        /// No grant is about this identity.
        case identityNotAllowed = "IDENTITY_NOT_ALLOWED"
        /// The identity has no grant for this tenant.
        case tenantNotAllowed = "TENANT_NOT_ALLOWED"
        /// No grant covers this namespace, or a denial does.
        case namespaceNotAllowed = "NAMESPACE_NOT_ALLOWED"
        /// A grant covers the namespace, none of them this key.
        case keyNotAllowed = "KEY_NOT_ALLOWED"
        /// A grant covers the name, none of them this operation.
        case operationNotAllowed = "OPERATION_NOT_ALLOWED"
    }

    /// nil where it is allowed.
    public let refusal: Refusal?
    /// The rule, such as `grants[0]`, `denials[2]` or `isolation`; "" where no rule was about it.
    public let rule: String

    public var isAllowed: Bool { refusal == nil }

    static func allowed(by rule: String) -> Decision { Decision(refusal: nil, rule: rule) }
    static func denied(_ refusal: Refusal, by rule: String = "") -> Decision { Decision(refusal: refusal, rule: rule) }
}
