#if PostgreSQL
    package import Databases

    /// One connection to a database in PostgreSQL for a thread of the caller's own, which it blocks.
    package typealias PostgreSQLSession<Failure: DatabaseFailure> = KeptConnection<
        PostgreSQLConnection<Failure>, Failure
    >

    extension KeptConnection where Connection: ~Copyable {
        /// Opens nothing yet.
        package convenience init(_ settings: PostgreSQLSettings) where Connection == PostgreSQLConnection<Failure> {
            let connector = Connector(settings, preference: HostPreference(), interruption: nil)
            self.init { (deadline) throws(DatabaseError) in
                PostgreSQLConnection(try connector.connect(deadline: deadline), interruption: nil)
            }
        }
    }
#endif
