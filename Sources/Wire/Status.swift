/// How a request ended, in the numbers of the canonical RPC codes. The numbering is open: a number that is not listed
/// here is a failure.
public struct Status: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let ok = Status(rawValue: 0)
    /// The caller gave the request up.
    public static let cancelled = Status(rawValue: 1)
    /// The request makes no sense, whatever the state of things.
    public static let invalidArgument = Status(rawValue: 3)
    /// The request's time is over.
    public static let deadlineExceeded = Status(rawValue: 4)
    /// There is no such secret.
    public static let notFound = Status(rawValue: 5)
    /// The caller may not do this.
    public static let permissionDenied = Status(rawValue: 7)
    /// A limit is reached.
    public static let resourceExhausted = Status(rawValue: 8)
    /// Things are not in the state that the request needs.
    public static let failedPrecondition = Status(rawValue: 9)
    /// The agent has no such method.
    public static let unimplemented = Status(rawValue: 12)
    /// The agent, or what it asked, is broken.
    public static let `internal` = Status(rawValue: 13)
    /// It cannot be answered now; it may be later.
    public static let unavailable = Status(rawValue: 14)
    /// The caller is not known.
    public static let unauthenticated = Status(rawValue: 16)
}

extension Status: CustomStringConvertible {
    /// The code's canonical name, or its number where it has none.
    public var description: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .unauthenticated: "UNAUTHENTICATED"
        default: "STATUS_\(rawValue)"
        }
    }
}
