/// Where instances are written down, for all nodes to see.
///
/// Its calls block, each for a bounded time, so it is used by one thread that has nothing else to do.
package protocol InstanceRegistry: AnyObject, Sendable {
    /// Writes an instance whole, in the place of whatever has its id. What it needs for that is made first.
    func register(_ instance: ServiceInstance) throws(RegistryError)

    /// Writes a beat or a change where the state that is written down may become the new one.
    func update(_ instance: ServiceInstance) throws(RegistryError) -> RegistryAnswer

    /// Whether this process is among the few that judge the others now.
    func mayCoordinate() throws(RegistryError) -> Bool

    /// All instances that can be read.
    func list() throws(RegistryError) -> RegistryListing

    /// Changes the state of another's instance, unless it has been written since.
    ///
    /// - Returns: whether it was changed.
    func carryOut(_ verdict: Verdict, at time: Int64) throws(RegistryError) -> Bool

    /// Deletes instances that have been inactive for longer than this, by the registry's own clock.
    ///
    /// - Returns: how many.
    func purge(olderThan retention: Duration) throws(RegistryError) -> Int

    /// Lets go of connections and files. The next call makes new ones.
    func close()
}

/// What became of an update.
package enum RegistryAnswer: Sendable, Equatable {
    case written
    /// The state that is written down does not allow it.
    case refused(ServiceState)
    /// There is no such instance.
    case missing
}

/// Everybody, at one moment.
package struct RegistryListing: Sendable, Equatable {
    /// Most instances that are read at once: the running ones first, then the latest.
    package static let limit = 10_000

    package struct Row: Sendable, Equatable {
        package let instance: ServiceInstance
        /// How long ago it was written, by the registry's own clock.
        package let age: Duration

        /// How long the instance itself has been silent, as far as clocks agree.
        package var silence: Duration {
            age + .milliseconds(max(0, instance.updatedAt.subtractingReportingOverflow(instance.beatAt).partialValue))
        }

        package init(instance: ServiceInstance, age: Duration) {
            self.instance = instance
            self.age = age
        }
    }

    package var rows: [Row]
    /// Rows that nobody can read. They are left as they are.
    package var damaged: Int

    package init(rows: [Row] = [], damaged: Int = 0) {
        self.rows = rows
        self.damaged = damaged
    }
}

/// Why the registry did not do what it was asked.
package struct RegistryError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether trying again could help.
    package let mayPass: Bool

    package init(_ description: String, mayPass: Bool = true) {
        self.description = description
        self.mayPass = mayPass
    }
}
