#if PostgreSQL
    package import Databases

    /// A few connections to a database in PostgreSQL.
    package typealias PostgreSQLPool<Failure: DatabaseFailure> = DatabasePool<PostgreSQLConnection<Failure>, Failure>

    extension DatabasePool where Connection: ~Copyable {
        package convenience init(
            _ settings: PostgreSQLSettings,
            limits: DatabasePoolLimits = DatabasePoolLimits()
        ) throws(Failure) where Connection == PostgreSQLConnection<Failure> {
            let preference = HostPreference()
            try self.init(thread: "tacit-postgres", limits: limits) { interruption in
                let connector = Connector(settings, preference: preference, interruption: interruption)
                return { (deadline) throws(DatabaseError) in
                    PostgreSQLConnection(try connector.connect(deadline: deadline), interruption: interruption)
                }
            }
        }
    }
#endif
