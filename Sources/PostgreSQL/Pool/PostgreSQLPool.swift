#if PostgreSQL
    package import Databases
    internal import OpenSSLHooks

    /// A few connections to a database in PostgreSQL.
    package typealias PostgreSQLPool<Failure: DatabaseFailure> = DatabasePool<PostgreSQLConnection<Failure>, Failure>

    extension DatabasePool where Connection: ~Copyable {
        /// Starts the threads. The first call connects.
        ///
        /// - Throws: where OpenSSL was in use before it could be given locked memory, or no thread can be had.
        package convenience init(
            _ settings: PostgreSQLSettings,
            limits: DatabasePoolLimits = DatabasePoolLimits()
        ) throws(Failure) where Connection == PostgreSQLConnection<Failure> {
            let preference = HostPreference()
            do throws(DatabaseError) {
                guard OpenSSLMemory.install() else {
                    throw DatabaseError(.settings, "OpenSSL was started before it could be given locked memory")
                }
                try self.init(thread: "tacit-postgres", limits: limits) { interruption in
                    let connector = Connector(settings, preference: preference, interruption: interruption)
                    return { (deadline) throws(DatabaseError) in
                        PostgreSQLConnection(try connector.connect(deadline: deadline), interruption: interruption)
                    }
                }
            } catch {
                throw Failure(error)
            }
        }
    }
#endif
