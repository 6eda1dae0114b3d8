/// What a caller may be granted.
public enum Operation: String, CaseIterable, Sendable {
    case get, list, put, delete, watch, evict, health, heartbeat

    /// The operation with this name.
    public init?(name: Span<UInt8>) {
        for operation in Operation.allCases where operation.rawValue.utf8.count == name.count {
            var equal = true
            for (index, byte) in operation.rawValue.utf8.enumerated() where name[index] != byte { equal = false }
            if equal {
                self = operation
                return
            }
        }
        return nil
    }
}

/// A set of operations.
public struct Operations: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public init(_ operation: Operation) {
        // The order of `allCases` is the order of the bits.
        switch operation {
        case .get: self.init(rawValue: 1)
        case .list: self.init(rawValue: 2)
        case .put: self.init(rawValue: 4)
        case .delete: self.init(rawValue: 8)
        case .watch: self.init(rawValue: 16)
        case .evict: self.init(rawValue: 32)
        case .health: self.init(rawValue: 64)
        case .heartbeat: self.init(rawValue: 128)
        }
    }

    /// The names, in a fixed order.
    public var names: [String] { Operation.allCases.filter { contains(Operations($0)) }.map(\.rawValue) }
}
