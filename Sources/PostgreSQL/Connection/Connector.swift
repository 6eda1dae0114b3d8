#if PostgreSQL
    internal import Databases

    /// Connects a thread to the first of the hosts that will do.
    struct Connector {
        private let settings: PostgreSQLSettings
        private let search: HostSearch

        init(_ settings: PostgreSQLSettings, preference: HostPreference, interruption: Interruption?) {
            self.settings = settings
            search = HostSearch(settings, preference: preference, interruption: interruption)
        }

        func connect(deadline: ContinuousClock.Instant) throws(DatabaseError) -> LibraryConnection {
            try search.connect(deadline: deadline) { (host, address, patience) throws(DatabaseError) in
                let options = try ConnectionOptions(settings, host: host, address: address)
                let connection = try LibraryConnection(options, patience.atMost(settings.connectTimeout))
                try Self.endWithUs(connection, patience)
                return connection
            }
        }

        /// Asks the server to look every second whether its client is still there while it works on a statement, so that
        /// what nobody waits for any more ends. A request to cancel would block, and a server that hangs never answers it.
        private static func endWithUs(
            _ connection: borrowing LibraryConnection,
            _ patience: Patience
        ) throws(DatabaseError) {
            guard connection.serverVersion >= 140_000 else { return }
            do throws(DatabaseError) {
                try connection.send("SET client_connection_check_interval = '1s'", DatabaseParameters(), patience)
                try connection.drain(patience)
            } catch {
                // Not all systems that servers run on can do it.
                if error.state == nil { throw error }
            }
        }
    }
#endif
