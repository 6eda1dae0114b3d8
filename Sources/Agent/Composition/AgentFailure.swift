/// Why the agent did not start, for the person who started it.
package struct AgentFailure: Error, CustomStringConvertible {
    package let description: String
    /// Whether the same start may succeed later: what it was told is good, and this machine could not give it something.
    package let mayPass: Bool

    package init(_ description: String, mayPass: Bool = false) {
        self.description = description
        self.mayPass = mayPass
    }
}
