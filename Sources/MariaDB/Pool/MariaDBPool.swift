#if MariaDB
    package import Databases

    /// A few connections to a database in MariaDB or MySQL.
    package typealias MariaDBPool<Failure: DatabaseFailure> = DatabasePool<MariaDBConnection<Failure>, Failure>

    extension DatabasePool where Connection: ~Copyable {
        package convenience init(
            _ settings: MariaDBSettings,
            limits: DatabasePoolLimits = DatabasePoolLimits()
        ) throws(Failure) where Connection == MariaDBConnection<Failure> {
            let preference = HostPreference()
            try self.init(thread: "tacit-mariadb", limits: limits, startLibrary: Library.start) { interruption in
                let connector = Connector(settings, preference: preference, interruption: interruption)
                return { (deadline) throws(DatabaseError) in
                    MariaDBConnection(try connector.connect(deadline: deadline), interruption: interruption)
                }
            }
        }
    }
#endif
