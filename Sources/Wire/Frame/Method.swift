/// What a request asks for. The numbering is open: a number without a name is a value too, which the agent answers with
/// ``Status/unimplemented``.
package struct Method: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let getSecret = Method(rawValue: 1)
    package static let getSecrets = Method(rawValue: 2)
    package static let listSecrets = Method(rawValue: 3)
    package static let putSecret = Method(rawValue: 4)
    package static let deleteSecret = Method(rawValue: 5)
    package static let watchSecrets = Method(rawValue: 6)
    package static let whoAmI = Method(rawValue: 16)
    package static let explain = Method(rawValue: 17)
    package static let health = Method(rawValue: 18)
    package static let watchHealth = Method(rawValue: 19)
    package static let heartbeat = Method(rawValue: 20)
    package static let listNodes = Method(rawValue: 21)
    package static let evict = Method(rawValue: 32)
}

extension Method: CustomStringConvertible {
    /// The method's name, or its number where it has none.
    package var description: String {
        switch self {
        case .getSecret: "GetSecret"
        case .getSecrets: "GetSecrets"
        case .listSecrets: "ListSecrets"
        case .putSecret: "PutSecret"
        case .deleteSecret: "DeleteSecret"
        case .watchSecrets: "WatchSecrets"
        case .whoAmI: "WhoAmI"
        case .explain: "Explain"
        case .health: "Health"
        case .watchHealth: "WatchHealth"
        case .heartbeat: "Heartbeat"
        case .listNodes: "ListNodes"
        case .evict: "Evict"
        default: "method \(rawValue)"
        }
    }
}
