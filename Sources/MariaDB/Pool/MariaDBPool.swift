#if MariaDB
    package import Databases
    internal import OpenSSLHooks

    /// A few connections to a database in MariaDB or MySQL.
    package typealias MariaDBPool<Failure: DatabaseFailure> = DatabasePool<MariaDBConnection<Failure>, Failure>

    extension DatabasePool where Connection: ~Copyable {
        /// Starts the threads. The first call connects.
        ///
        /// - Throws: where OpenSSL was in use before it could be given locked memory, or no thread can be had.
        package convenience init(
            _ settings: MariaDBSettings,
            limits: DatabasePoolLimits = DatabasePoolLimits()
        ) throws(Failure) where Connection == MariaDBConnection<Failure> {
            let preference = HostPreference()
            do throws(DatabaseError) {
                guard OpenSSLMemory.install() else {
                    throw DatabaseError(.settings, "OpenSSL was started before it could be given locked memory")
                }
                try Library.start()
                try self.init(thread: "tacit-mariadb", limits: limits) { interruption in
                    let connector = Connector(settings, preference: preference, interruption: interruption)
                    return { (deadline) throws(DatabaseError) in
                        MariaDBConnection(try connector.connect(deadline: deadline), interruption: interruption)
                    }
                }
            } catch {
                throw Failure(error)
            }
        }
    }
#endif
