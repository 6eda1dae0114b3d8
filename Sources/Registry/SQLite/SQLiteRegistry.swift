package import Liveness
internal import SQLite
internal import SecretMemory
internal import Synchronization

/// The registry of a single node: a table in a file, which several agents on the node may share.
package final class SQLiteRegistry: InstanceRegistry {
    /// How long another process's write is waited for.
    private static let busyMilliseconds: CInt = 2000

    private let path: String
    private let session = Mutex<Session?>(nil)

    /// Nothing is opened before the first call.
    ///
    /// - Parameter path: of the file; it and its directory are made where they are missing.
    package init(path: String) { self.path = path }

    // MARK: InstanceRegistry

    package func register(_ instance: ServiceInstance) throws(RegistryError) {
        let text = try InstanceRecord.text(instance)
        try use { (session) throws(SQLiteRegistryFailure) in try session.register(instance, text) }
    }

    package func update(_ instance: ServiceInstance) throws(RegistryError) -> RegistryAnswer {
        let text = try InstanceRecord.text(instance)
        return try use { (session) throws(SQLiteRegistryFailure) in try session.update(instance, text) }
    }

    /// Any process with the file may: there are few on one node.
    package func mayCoordinate() throws(RegistryError) -> Bool { true }

    package func list() throws(RegistryError) -> RegistryListing {
        try use { (session) throws(SQLiteRegistryFailure) in try session.list() }
    }

    package func carryOut(_ verdict: Verdict, at time: Int64) throws(RegistryError) -> Bool {
        try use { (session) throws(SQLiteRegistryFailure) in try session.carryOut(verdict, at: time) }
    }

    package func purge(olderThan retention: Duration) throws(RegistryError) -> Int {
        try use { (session) throws(SQLiteRegistryFailure) in try session.purge(olderThan: retention) }
    }

    package func close() { session.withLock { $0 = nil } }

    // MARK: The file

    private func use<Success: Sendable>(
        _ body: (Session) throws(SQLiteRegistryFailure) -> Success
    ) throws(RegistryError) -> Success {
        try session.withLock { (open) throws(RegistryError) in
            do throws(SQLiteRegistryFailure) {
                let session: Session
                if let known = open {
                    session = known
                } else {
                    session = try Session(path: path, busyMilliseconds: Self.busyMilliseconds)
                }
                open = session
                return try body(session)
            } catch {
                if error.endsConnection { open = nil }
                throw error.explained(path)
            }
        }
    }
}
