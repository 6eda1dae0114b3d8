/// Why the agent did not start, for the person who started it.
package struct AgentFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
