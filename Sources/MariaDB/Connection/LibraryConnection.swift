#if MariaDB
    internal import CMariaDB
    internal import Databases
    internal import Glibc
    internal import SecretMemory
    internal import Synchronization

    /// The library's connection, used through its calls that never block, and closed exactly once. Belongs to one thread.
    ///
    /// Sound because the pointer is private, and because nothing calls the library with it once it has been closed.
    @safe
    struct LibraryConnection: ~Copyable {
        private let raw: UnsafeMutablePointer<MYSQL>
        private let isClosed: Atomic<Bool>

        private init(adopting raw: UnsafeMutablePointer<MYSQL>) {
            unsafe self.raw = raw
            isClosed = Atomic(false)
        }

        /// Connects, proves who the server is, and logs in.
        init(_ settings: MariaDBSettings, host: DatabaseHost, _ patience: Patience) throws(DatabaseError) {
            guard let raw = unsafe mysql_init(nil) else { throw DatabaseError(.memory, "no memory to connect with") }
            let connection = unsafe LibraryConnection(adopting: raw)
            unsafe try ConnectionOptions.set(settings, on: raw)
            try connection.logIn(settings, host, patience)
            self = connection
        }

        private borrowing func logIn(
            _ settings: MariaDBSettings,
            _ host: DatabaseHost,
            _ patience: Patience
        ) throws(DatabaseError) {
            let password = try ConnectionOptions.terminated(settings.password)
            try unsafe password.withUnsafeBytes { (bytes) throws(DatabaseError) in
                let password = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                // The library keeps pointers to these until the last of its steps.
                let names: [String] = [host.name, settings.user, settings.database]
                let texts = unsafe names.map { (name: String) in unsafe strdup(name) }
                defer { unsafe texts.forEach { unsafe free($0) } }
                var answer: UnsafeMutablePointer<MYSQL>?
                try unsafe withUnsafeMutablePointer(to: &answer) { (answer) throws(DatabaseError) in
                    try run(
                        patience,
                        start: {
                            unsafe mysql_real_connect_start(
                                answer,
                                raw,
                                texts[0],
                                texts[1],
                                password,
                                texts[2],
                                UInt32(host.port),
                                nil,
                                UInt(CLIENT_FOUND_ROWS)
                            )
                        },
                        proceed: { unsafe mysql_real_connect_cont(answer, raw, $0) }
                    )
                }
                guard unsafe answer != nil else { throw failure() }
            }
            // It is needed for the login only, since nothing here reconnects.
            if let kept = unsafe raw.pointee.passwd { unsafe explicit_bzero(kept, strlen(kept)) }
            guard unsafe mysql_get_ssl_cipher(raw) != nil || !settings.protection.demandsTLS else {
                throw DatabaseError(.untrusted, "the connection came about without TLS")
            }
        }

        var isMariaDB: Bool { unsafe mariadb_connection(raw) != 0 }

        // MARK: Waiting

        /// Runs an operation in the library's steps. Where it is given up, the connection is closed: it is in the middle of
        /// something.
        borrowing func run(
            _ patience: Patience,
            start: () -> CInt,
            proceed: (CInt) -> CInt
        ) throws(DatabaseError) {
            guard isOpen else { throw Self.lost }
            beNonblocking()
            var status = start()
            while status != 0 {
                var events: Int32 = 0
                if status & CInt(MYSQL_WAIT_READ) != 0 { events |= POLLIN }
                if status & CInt(MYSQL_WAIT_WRITE) != 0 { events |= POLLOUT }
                if status & CInt(MYSQL_WAIT_EXCEPT) != 0 { events |= POLLPRI }
                do throws(DatabaseError) {
                    try patience.wait(for: unsafe mysql_get_socket(raw), events)
                } catch {
                    close()
                    throw error
                }
                beNonblocking()
                // What it waited for has come, whatever its own limits in time are.
                status = proceed(status & ~CInt(MYSQL_WAIT_TIMEOUT))
            }
        }

        /// With TLS the library leaves the socket as it is, and would wait in read(2) itself, without any deadline.
        private borrowing func beNonblocking() {
            let socket = unsafe mysql_get_socket(raw)
            guard socket >= 0 else { return }
            let flags = fcntl(socket, F_GETFL)
            if flags >= 0, flags & O_NONBLOCK == 0 { _ = fcntl(socket, F_SETFL, flags | O_NONBLOCK) }
        }

        static let lost = DatabaseError(.lost, "the connection to the database was lost")

        /// What the last operation failed with.
        borrowing func failure() -> DatabaseError {
            unsafe ServerRefusal.error(mysql_errno(raw), String(cString: mysql_error(raw)))
        }

        /// Closes the connection where what `body` ran into says that it, or its server, is of no more use.
        borrowing func checking<Success>(
            _ body: () throws(DatabaseError) -> Success
        ) throws(DatabaseError) -> Success {
            do throws(DatabaseError) {
                return try body()
            } catch {
                if [.lost, .readOnly, .malformed].contains(error.kind) { close() }
                throw error
            }
        }

        // MARK: State

        private var isOpen: Bool { !isClosed.load(ordering: .relaxed) }

        /// Hangs up, without a farewell that could block.
        borrowing func close() {
            guard !isClosed.exchange(true, ordering: .relaxed) else { return }
            unsafe shutdown(mysql_get_socket(raw), CInt(SHUT_RDWR))
            unsafe mysql_close(raw)
        }

        var isReusable: Bool {
            guard isOpen else { return false }
            return unsafe raw.pointee.server_status & UInt32(SERVER_STATUS_IN_TRANS) == 0
        }

        /// A server says nothing by itself but farewell.
        borrowing func isAlive() -> Bool {
            guard isReusable else { return false }
            var watched = pollfd(fd: unsafe mysql_get_socket(raw), events: Int16(POLLIN), revents: 0)
            return unsafe poll(&watched, 1, 0) == 0
        }

        // MARK: Statements

        /// Runs a statement of the program's own that returns nothing.
        borrowing func command(_ text: String, _ patience: Patience) throws(DatabaseError) {
            var answer: CInt = 0
            var text = text
            // Borrowed for all steps: the library does not copy it before the first wait.
            let outcome = text.withUTF8 { utf8 -> DatabaseError? in
                unsafe utf8.withMemoryRebound(to: CChar.self) { chars -> DatabaseError? in
                    unsafe withUnsafeMutablePointer(to: &answer) { answer -> DatabaseError? in
                        do throws(DatabaseError) {
                            try run(
                                patience,
                                start: {
                                    unsafe mysql_real_query_start(answer, raw, chars.baseAddress, UInt(chars.count))
                                },
                                proceed: { unsafe mysql_real_query_cont(answer, raw, $0) }
                            )
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
            }
            if let outcome { throw outcome }
            guard answer == 0 else {
                let failure = failure()
                return try checking { () throws(DatabaseError) in throw failure }
            }
        }

        /// Makes room for a statement.
        borrowing func makeStatement() throws(DatabaseError) -> LibraryStatement {
            guard isOpen else { throw Self.lost }
            guard let statement = unsafe mysql_stmt_init(raw) else {
                throw DatabaseError(.memory, "no memory for a statement")
            }
            return unsafe LibraryStatement(adopting: statement)
        }

        deinit {
            guard !isClosed.load(ordering: .relaxed) else { return }
            unsafe mysql_close(raw)
        }
    }
#endif
