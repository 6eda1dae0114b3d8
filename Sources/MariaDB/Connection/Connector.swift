#if MariaDB
    internal import CMariaDB
    internal import Databases

    /// The library as a whole, which has to be started before the first of its threads.
    enum Library {
        private static let outcome = mysql_server_init(0, nil, nil)

        static func start() throws(DatabaseError) {
            guard outcome == 0 else { throw DatabaseError(.settings, "libmariadb cannot be started") }
        }
    }

    /// Connects a thread to the first of the hosts that will do.
    struct Connector {
        private let settings: MariaDBSettings
        private let search: HostSearch

        init(_ settings: MariaDBSettings, preference: HostPreference, interruption: Interruption?) {
            self.settings = settings
            search = HostSearch(settings, preference: preference, interruption: interruption)
        }

        func connect(deadline: ContinuousClock.Instant) throws(DatabaseError) -> LibraryConnection {
            try search.connect(deadline: deadline) { (host, _, patience) throws(DatabaseError) in
                // By name, because the library compares the certificate with what it was asked to connect to. Its own
                // look-up finds what ours has just found.
                let attempt = patience.atMost(settings.connectTimeout)
                let connection = try LibraryConnection(settings, host: host, attempt)
                try begin(connection, attempt)
                return connection
            }
        }

        /// Sets the session's limits, so that no statement runs without them.
        private func begin(_ connection: borrowing LibraryConnection, _ patience: Patience) throws(DatabaseError) {
            let milliseconds = max(1, Self.milliseconds(settings.statementTimeout))
            let limit =
                connection.isMariaDB
                ? "max_statement_time=\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"
                : "max_execution_time=\(milliseconds)"
            let lock = max(1, (Self.milliseconds(settings.lockTimeout) + 999) / 1000)
            try connection.command(
                """
                SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', \(limit), \
                innodb_lock_wait_timeout=\(lock)
                """,
                patience
            )
            // Its variable is called otherwise from version to version.
            try connection.command("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", patience)
            guard settings.role == .primary else { return }
            let running = try connection.makeStatement()
            let parameters = DatabaseParameters()
            try running.prepare("SELECT @@global.read_only", on: connection, patience)
            try running.execute(parameters, on: connection, patience)
            var isReadOnly = false
            while try running.fetch(on: connection, patience) { isReadOnly = running.number(0) != 0 }
            if isReadOnly { throw DatabaseError(.readOnly, "the server takes no writes") }
        }

        private static func milliseconds(_ duration: Duration) -> Int64 {
            let (seconds, attoseconds) = duration.components
            return min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000
        }
    }
#endif
