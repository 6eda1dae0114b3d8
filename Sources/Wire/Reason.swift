/// Why a request failed, as a stable word. The list is open: a receiver takes a word that it does not know for a
/// failure of the status beside it.
public struct Reason: RawRepresentable, Hashable, Sendable {
    /// The word as it stands on the wire.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// The namespaces that the caller sees hold no such key.
    public static let keyNotFound = Reason(rawValue: "KEY_NOT_FOUND")
    /// The value is a JSON object without such a field.
    public static let subkeyNotFound = Reason(rawValue: "SUBKEY_NOT_FOUND")
    /// A subkey was asked for, and the value is no JSON object.
    public static let notJSON = Reason(rawValue: "NOT_JSON")
    /// No grant gives the caller this namespace, or a denial takes it away.
    public static let namespaceNotAllowed = Reason(rawValue: "NAMESPACE_NOT_ALLOWED")
    /// The caller's service type may not read secrets here.
    public static let serviceDenied = Reason(rawValue: "SERVICE_DENIED")
    /// The caller may not do this, though it may do other things there.
    public static let operationNotAllowed = Reason(rawValue: "OPERATION_NOT_ALLOWED")
    /// The secrets manager is not written to through the agent.
    public static let readOnly = Reason(rawValue: "READ_ONLY")
    /// The secrets manager cannot be reached.
    public static let backendUnavailable = Reason(rawValue: "BACKEND_UNAVAILABLE")
    /// The secrets manager asks for fewer requests.
    public static let backendThrottled = Reason(rawValue: "BACKEND_THROTTLED")
    /// The secrets manager refused the agent's own credential. The caller did nothing wrong.
    public static let backendDenied = Reason(rawValue: "BACKEND_DENIED")
    /// The secrets manager answered something that is not what it promises.
    public static let backendMalformed = Reason(rawValue: "BACKEND_MALFORMED")
    /// No secrets manager is configured for the namespace.
    public static let noBackend = Reason(rawValue: "NO_BACKEND")
    /// The value or the frame is larger than is allowed.
    public static let tooLarge = Reason(rawValue: "TOO_LARGE")
    /// The agent has too much to do.
    public static let overloaded = Reason(rawValue: "OVERLOADED")
    /// The agent's locked memory is used up.
    public static let memoryFull = Reason(rawValue: "MEMORY_FULL")
    /// There are too many connections, or too many open requests on this one.
    public static let connectionLimit = Reason(rawValue: "CONNECTION_LIMIT")
    /// The agent is about to end.
    public static let shuttingDown = Reason(rawValue: "SHUTTING_DOWN")
    /// The decision could not be recorded, and so it was not carried out.
    public static let auditUnavailable = Reason(rawValue: "AUDIT_UNAVAILABLE")
    /// The payload is not the message that the method asks for, or a field of it cannot be used.
    public static let malformedRequest = Reason(rawValue: "MALFORMED_REQUEST")
    /// A frame broke the rules; the connection ends.
    public static let malformedFrame = Reason(rawValue: "MALFORMED_FRAME")
    /// The agent has no such method.
    public static let unknownMethod = Reason(rawValue: "UNKNOWN_METHOD")
    /// The request's time is over.
    public static let timedOut = Reason(rawValue: "TIMED_OUT")
    /// The caller gave the request up.
    public static let cancelled = Reason(rawValue: "CANCELLED")
    /// Nothing was asked on the connection for too long.
    public static let idle = Reason(rawValue: "IDLE")
}

extension Reason: CustomStringConvertible {
    public var description: String { rawValue }
}
