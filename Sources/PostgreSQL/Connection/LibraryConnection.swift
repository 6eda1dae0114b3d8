#if PostgreSQL
    internal import Databases
    internal import CPostgreSQL
    internal import Glibc
    internal import SecretMemory
    internal import Synchronization

    /// The library's connection, used through its calls that never block, and closed exactly once. Belongs to one thread.
    ///
    /// Sound because the pointer is private, is never given away, and outlives every result's use of it.
    @safe
    struct LibraryConnection: ~Copyable {
        /// `PGconn *`
        private let raw: OpaquePointer
        /// Set once an answer said that this server is not the right one, or that the connection is done for.
        private let isCondemned: Atomic<Bool>

        private init(adopting raw: OpaquePointer) {
            unsafe self.raw = raw
            isCondemned = Atomic(false)
        }

        // MARK: Opening

        /// Connects, proves who both sides are, and logs in.
        init(_ options: ConnectionOptions, _ patience: Patience) throws(DatabaseError) {
            let started = unsafe try options.withArrays { keywords, values in
                unsafe PQconnectStartParams(keywords, values, 0)
            }
            guard let raw = unsafe started else { throw DatabaseError(.exhausted, "no memory to connect with") }
            let connection = unsafe LibraryConnection(adopting: raw)
            unsafe shim_PQignore_notices(raw)
            // The verbose form is the only one that shows the code of an error while connecting.
            unsafe PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
            try connection.negotiate(patience)
            guard unsafe PQsslInUse(raw) == 1 || !options.demandsTLS else {
                throw DatabaseError(.untrusted, "the connection came about without TLS")
            }
            connection.forgetPassword()
            guard unsafe PQsetnonblocking(raw, 1) == 0 else { throw connection.lost() }
            self = connection
        }

        private borrowing func negotiate(_ patience: Patience) throws(DatabaseError) {
            guard unsafe PQstatus(raw) != CONNECTION_BAD else { throw refusal() }
            var awaited = POLLOUT
            while true {
                // The socket may be another one after each step.
                let socket = unsafe PQsocket(raw)
                guard socket >= 0 else { throw refusal() }
                try patience.wait(for: socket, awaited)
                switch unsafe PQconnectPoll(raw) {
                case PGRES_POLLING_OK: return
                case PGRES_POLLING_READING: awaited = POLLIN
                case PGRES_POLLING_WRITING: awaited = POLLOUT
                default: throw refusal()
                }
            }
        }

        /// Overwrites the library's copy of the password, which is needed for the login only, since nothing here reconnects.
        /// What SCRAM made another copy for, the library keeps to itself until the connection is closed.
        private borrowing func forgetPassword() {
            guard let kept = unsafe PQpass(raw) else { return }
            unsafe explicit_bzero(UnsafeMutablePointer(mutating: kept), strlen(kept))
        }

        private borrowing func refusal() -> DatabaseError {
            guard let words = unsafe PQerrorMessage(raw) else { return ConnectionRefusal.error("") }
            return ConnectionRefusal.error(unsafe String(cString: words))
        }

        // MARK: State

        var serverVersion: CInt { unsafe PQserverVersion(raw) }

        /// Whether the next call may use the connection: no statement and no transaction is under way.
        var isReusable: Bool {
            guard !isCondemned.load(ordering: .relaxed), unsafe PQstatus(raw) == CONNECTION_OK else { return false }
            return unsafe PQtransactionStatus(raw) == PQTRANS_IDLE
        }

        /// Whether the server has not hung up since the last call, as far as it can be seen without asking it.
        borrowing func isAlive() -> Bool {
            // A message and the end of the stream come apart, so there may be more than one thing to read.
            for _ in 0..<4 {
                var watched = pollfd(fd: unsafe PQsocket(raw), events: Int16(POLLIN), revents: 0)
                guard watched.fd >= 0 else { return false }
                let count = unsafe poll(&watched, 1, 0)
                if count == 0 { break }
                guard count > 0, unsafe PQconsumeInput(raw) == 1 else { return false }
                // What was read is looked at, so that a farewell changes the status.
                _ = unsafe PQisBusy(raw)
            }
            return isReusable
        }

        // MARK: Statements

        /// Sends a statement. Its rows come one by one from ``next(_:)``, to the end.
        borrowing func send(
            _ text: String,
            _ parameters: borrowing DatabaseParameters,
            _ patience: Patience
        ) throws(DatabaseError) {
            if let failure = parameters.failure { throw failure }
            let sent = unsafe parameters.withArrays { count, types, values, lengths, formats in
                unsafe PQsendQueryParams(raw, text, count, types, values, lengths, formats, 1)
            }
            guard sent == 1, unsafe PQsetSingleRowMode(raw) == 1 else { throw lost() }
            while true {
                let left = unsafe PQflush(raw)
                if left == 0 { return }
                guard left == 1 else { throw lost() }
                // A server that cannot get rid of its own bytes takes none of ours.
                try patience.wait(for: unsafe PQsocket(raw), POLLIN | POLLOUT)
                guard unsafe PQconsumeInput(raw) == 1 else { throw lost() }
            }
        }

        /// The next part of the answer; nil at its end.
        ///
        /// - Throws: what the server refused; the rest of the answer has been read then.
        borrowing func next(_ patience: Patience) throws(DatabaseError) -> LibraryResult? {
            while unsafe PQisBusy(raw) == 1 {
                try patience.wait(for: unsafe PQsocket(raw), POLLIN)
                guard unsafe PQconsumeInput(raw) == 1 else { throw lost() }
            }
            guard let found = unsafe PQgetResult(raw) else {
                guard unsafe PQstatus(raw) == CONNECTION_OK else { throw lost() }
                return nil
            }
            let result = unsafe LibraryResult(adopting: found)
            guard let error = result.error else { return result }
            if [.lost, .readOnly, .malformed].contains(error.kind) { condemn() }
            // A lost connection has no rest to read, and a copy, which nothing here asks for, would have no end.
            if error.kind != .lost, error.kind != .malformed { try drain(patience) }
            throw error
        }

        /// Reads the rest of an answer that nobody wants.
        borrowing func drain(_ patience: Patience) throws(DatabaseError) {
            while true {
                switch try next(patience) {
                case .some: continue
                case .none: return
                }
            }
        }

        /// Says that no later call shall use the connection.
        borrowing func condemn() { isCondemned.store(true, ordering: .relaxed) }

        /// The library's words could quote what the server sent, so they are not used.
        private borrowing func lost() -> DatabaseError {
            condemn()
            return DatabaseError(.lost, "the connection to the database was lost")
        }

        deinit { unsafe PQfinish(raw) }
    }
#endif
