#if PostgreSQL
    internal import Databases
    package import Liveness
    package import PostgreSQL
    internal import SecretMemory
    internal import Synchronization

    /// The registry of a fleet: a table in a database that all nodes reach.
    package final class PostgreSQLRegistry: InstanceRegistry {
        typealias Connection = PostgreSQLConnection<DatabaseError>

        /// How many agents judge the others at a time.
        package static let coordinators: Int64 = 3
        /// How long one call may take, with the time to connect.
        package static let callLimit = Duration.seconds(4)
        /// How long the last words of an agent that ends may take.
        private static let lockSpace: Int64 = 0x5441_4352

        /// Sound to send: it is used under the lock only.
        private final class Session: @unchecked Sendable {
            let connection: PostgreSQLSession<DatabaseError>
            /// Whether the table is known to be there.
            var isPrepared = false
            /// Of which connection a place among the coordinators is held.
            var coordinatingOn: Int?

            init(_ settings: PostgreSQLSettings) { connection = PostgreSQLSession(settings) }
        }

        private let session: Mutex<Session>

        /// Nothing is opened before the first call.
        package init(_ settings: PostgreSQLSettings) {
            var settings = settings
            settings.applicationName = "tacit-registry"
            session = Mutex(Session(settings))
        }

        // MARK: InstanceRegistry

        package func register(_ instance: ServiceInstance) throws(RegistryError) {
            let text = try InstanceRecord.text(instance)
            try use { (connection, deadline) throws(DatabaseError) in
                try InstanceStatements.register(instance, text, connection, deadline)
            }
        }

        package func update(_ instance: ServiceInstance) throws(RegistryError) -> RegistryAnswer {
            let text = try InstanceRecord.text(instance)
            return try use { (connection, deadline) throws(DatabaseError) in
                try InstanceStatements.update(instance, text, connection, deadline)
            }
        }

        package func mayCoordinate() throws(RegistryError) -> Bool {
            try session.withLock { (session) throws(RegistryError) in
                if session.coordinatingOn == session.connection.number { return true }
                let isOne = try Self.use(session) { (connection, deadline) throws(DatabaseError) in
                    try InstanceStatements.claim(Self.lockSpace, Self.coordinators, connection, deadline)
                }
                session.coordinatingOn = isOne ? session.connection.number : nil
                return isOne
            }
        }

        package func list() throws(RegistryError) -> RegistryListing {
            try use { (connection, deadline) throws(DatabaseError) in
                try InstanceStatements.list(connection, deadline)
            }
        }

        package func carryOut(_ verdict: Verdict, at time: Int64) throws(RegistryError) -> Bool {
            try use { (connection, deadline) throws(DatabaseError) in
                try InstanceStatements.carryOut(verdict, at: time, connection, deadline)
            }
        }

        package func purge(olderThan retention: Duration) throws(RegistryError) -> Int {
            try use { (connection, deadline) throws(DatabaseError) in
                try InstanceStatements.purge(olderThan: retention.components.seconds, connection, deadline)
            }
        }

        package func close() { session.withLock { $0.connection.disconnect() } }

        // MARK: The connection

        private func use<Success: Sendable>(
            _ body: (borrowing Connection, ContinuousClock.Instant) throws(DatabaseError) -> Success
        ) throws(RegistryError) -> Success {
            try session.withLock { (session) throws(RegistryError) in try Self.use(session, body) }
        }

        private static func use<Success: Sendable>(
            _ session: Session,
            _ body: (borrowing Connection, ContinuousClock.Instant) throws(DatabaseError) -> Success
        ) throws(RegistryError) -> Success {
            let deadline = ContinuousClock.now + callLimit
            do throws(DatabaseError) {
                return try session.connection.perform(deadline: deadline) { (connection) throws(DatabaseError) in
                    if !session.isPrepared {
                        try InstanceTable.prepare(connection, deadline)
                        session.isPrepared = true
                    }
                    return try body(connection, deadline)
                }
            } catch {
                // Somebody may have dropped or changed the table.
                if error.kind == .missingTable { session.isPrepared = false }
                throw RegistryError("the registry of nodes: \(error)", mayPass: true)
            }
        }
    }
#endif
