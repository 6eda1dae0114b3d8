/// What is wrong with a rule, for the person who wrote it.
public struct PolicyFault: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
