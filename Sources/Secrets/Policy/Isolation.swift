/// Keeps whole service types away from the secrets of a scope, whatever else they are granted.
public struct Isolation: Sendable, Equatable {
    /// Whom it keeps away where the configuration names nobody: they orchestrate, and never run a task.
    public static let defaultDenied: Set<ServiceType> = [.executor, .scheduler, .webserver]

    /// Service types that are denied; empty where isolation is off.
    public let denied: Set<ServiceType>

    private let mask: ServiceMask

    public init(denied: Set<ServiceType>) {
        self.denied = denied
        mask = ServiceMask(denied)
    }

    /// Whether one of these is kept away. Asked for each request, so it compares bits and not sets.
    func denies(_ services: ServiceMask) -> Bool { !mask.isDisjoint(with: services) }

    /// Nobody is kept away.
    public static let off = Isolation(denied: [])
}

/// A set of service types in one byte.
struct ServiceMask: OptionSet, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ services: Set<ServiceType>) {
        rawValue = ServiceType.allCases.enumerated().reduce(0) { mask, entry in
            services.contains(entry.element) ? mask | 1 << UInt8(entry.offset) : mask
        }
    }
}
