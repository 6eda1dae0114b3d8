/// What a block of the arena is for. Each purpose has its own share, so that a flood of one cannot starve another.
public enum MemoryAccount: UInt8, CaseIterable, Sendable {
    /// Cached values.
    case values
    /// What OpenSSL allocates, and the buffers of connections.
    case tls
    /// Requests to, and answers of, secrets managers.
    case http
    /// What embedded and SQL stores allocate.
    case store
    /// Configuration secrets and everything short-lived.
    case general

    /// The largest part of the arena's maximum that this purpose may hold, in percent. The shares overlap on purpose: they
    /// bound each flood without reserving memory that nobody uses.
    public var sharePercent: Int {
        switch self {
        case .values: 50
        case .tls: 75
        case .http: 40
        case .store: 40
        case .general: 25
        }
    }
}
