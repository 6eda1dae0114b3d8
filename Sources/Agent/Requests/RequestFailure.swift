internal import SecretMemory
internal import Secrets
internal import Wire

/// Why a request is not answered with what it asked for.
struct RequestFailure: Error, Equatable {
    let status: Status
    let reason: Reason
    let message: String
    var retryAfter: UInt64 = 0
    /// What was asked for, as ``AuditFields`` writes it, where that is known by now.
    var auditFields: [UInt8] = []

    var payload: ErrorPayload { ErrorPayload(reason: reason, message: message, retryAfter: retryAfter) }
}

extension RequestFailure {
    static func malformed(_ error: Malformed) -> RequestFailure {
        RequestFailure(status: .invalidArgument, reason: .malformedRequest, message: "malformed request: \(error)")
    }

    static func badName(_ what: StaticString, _ fault: NameRules.Fault) -> RequestFailure {
        RequestFailure(status: .invalidArgument, reason: .malformedRequest, message: "the \(what) \(fault)")
    }

    static let fenced = RequestFailure(
        status: .unavailable,
        reason: .agentFenced,
        message: "the agent has lost its registry of nodes and hands out nothing until it is back",
        retryAfter: 1000
    )

    static let instanceEnded = RequestFailure(
        status: .cancelled,
        reason: .instanceEnded,
        message: "the service instance of this connection is lost or has ended"
    )

    /// Says what was refused and by which rule, but never whether anything is stored there.
    static func denied(_ refusal: Decision.Refusal, _ rule: String, access: Access) -> RequestFailure {
        let by = rule.isEmpty ? "" : " (by \(rule))"
        let message =
            switch refusal {
            case .serviceDenied: "services of type \(access.serviceNames) may not read or write secrets\(by)"
            case .identityNotAllowed: "no grant is about \(access.identity.uri)"
            case .tenantNotAllowed: "the identity has no grant for this tenant"
            case .namespaceNotAllowed: "the namespace is not among those granted\(by)"
            case .keyNotAllowed: "the key is not among those granted"
            case .operationNotAllowed: "the operation is not granted here\(by)"
            }
        return RequestFailure(status: .permissionDenied, reason: Reason(rawValue: refusal.rawValue), message: message)
    }

    static let keyNotFound = RequestFailure(
        status: .notFound,
        reason: .keyNotFound,
        message: "there is no such key in the namespace or above it"
    )

    static let noBackend = RequestFailure(
        status: .failedPrecondition,
        reason: .noBackend,
        message: "no secrets manager is configured for this tenant and namespace"
    )

    static func subkey(_ failure: JSONField.Failure) -> RequestFailure {
        switch failure {
        case .notObject:
            RequestFailure(status: .failedPrecondition, reason: .notJSON, message: "the secret is not a JSON object")
        case .missing:
            RequestFailure(status: .notFound, reason: .subkeyNotFound, message: "the secret has no such field")
        }
    }

    static func memory(_ error: MemoryError) -> RequestFailure {
        RequestFailure(
            status: .resourceExhausted,
            reason: .memoryFull,
            message: "there is no locked memory left for this; see tacit.memory.maximum",
            retryAfter: 1000
        )
    }

    static let overloaded = RequestFailure(
        status: .resourceExhausted,
        reason: .overloaded,
        message: "too many requests are waiting",
        retryAfter: 500
    )

    static let tooManyOpen = RequestFailure(
        status: .resourceExhausted,
        reason: .connectionLimit,
        message: "too many requests of this connection are open",
        retryAfter: 500
    )

    static let timedOut = RequestFailure(
        status: .deadlineExceeded,
        reason: .timedOut,
        message: "the secrets manager did not answer in time"
    )

    static let cancelled = RequestFailure(status: .cancelled, reason: .cancelled, message: "given up by the caller")

    static let unauthenticated = RequestFailure(
        status: .unauthenticated,
        reason: .unauthenticated,
        message: "the certificate is no longer accepted"
    )

    static let auditUnavailable = RequestFailure(
        status: .unavailable,
        reason: .auditUnavailable,
        message: "the audit cannot be written, and this agent answers nothing that it cannot record",
        retryAfter: 5000
    )

    static let shuttingDown = RequestFailure(
        status: .unavailable,
        reason: .shuttingDown,
        message: "the agent is shutting down"
    )

    /// Details of a manager's fault are the operator's business; the caller learns the kind.
    static func backend(_ error: BackendError) -> RequestFailure {
        switch error {
        case .unavailable(_, let retryAfter):
            RequestFailure(
                status: .unavailable,
                reason: .backendUnavailable,
                message: "the secrets manager cannot be reached",
                retryAfter: milliseconds(retryAfter)
            )
        case .throttled(let retryAfter):
            RequestFailure(
                status: .unavailable,
                reason: .backendThrottled,
                message: "the secrets manager asks for fewer requests",
                retryAfter: milliseconds(retryAfter)
            )
        case .denied:
            RequestFailure(
                status: .unavailable,
                reason: .backendDenied,
                message: "the secrets manager refused the agent's own credential"
            )
        case .forbidden:
            RequestFailure(
                status: .failedPrecondition,
                reason: .backendDenied,
                message: "the secrets manager does not let the agent's credential do this with this name"
            )
        case .malformed:
            RequestFailure(
                status: .unavailable,
                reason: .backendMalformed,
                message: "the secrets manager's answer, or the stored value, cannot be used; the agent's log says why"
            )
        case .readOnly:
            RequestFailure(status: .failedPrecondition, reason: .readOnly, message: "this scope is read-only")
        case .unsupported(let detail):
            RequestFailure(status: .unimplemented, reason: .operationNotAllowed, message: detail)
        case .conflict:
            RequestFailure(
                status: .unavailable,
                reason: .backendUnavailable,
                message: "others kept writing the same secret; try again",
                retryAfter: 100
            )
        case .tooLarge(let limit):
            RequestFailure(
                status: .resourceExhausted,
                reason: .tooLarge,
                message: "the value is larger than \(limit) bytes"
            )
        case .memory(let error): memory(error)
        }
    }

    private static func milliseconds(_ duration: Duration?) -> UInt64 {
        duration.map { UInt64(max(0, $0.nanoseconds / 1_000_000)) } ?? 0
    }
}

extension Reason {
    /// The others may have taken this agent for dead, so it hands out nothing for a while.
    static let agentFenced = Reason(rawValue: "AGENT_FENCED")
    /// The instance that the connection was for is lost or has ended.
    static let instanceEnded = Reason(rawValue: "INSTANCE_ENDED")
    /// No registry of nodes is configured.
    static let noRegistry = Reason(rawValue: "NO_REGISTRY")
    /// The registry of nodes cannot be read.
    static let registryUnavailable = Reason(rawValue: "REGISTRY_UNAVAILABLE")
    /// The caller's certificate was accepted once and is not any more.
    static let unauthenticated = Reason(rawValue: "UNAUTHENTICATED")
}
