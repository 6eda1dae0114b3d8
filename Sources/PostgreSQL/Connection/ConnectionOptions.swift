#if PostgreSQL
    internal import Databases
    internal import Glibc
    internal import SecretMemory

    /// One attempt's options, in the library's words.
    ///
    /// All that matters is named, because the library would take what is missing from the environment and from files in
    /// the user's home.
    struct ConnectionOptions {
        private var pairs: [(keyword: String, value: String)]
        private let password: SharedSecret?
        /// Whether a connection without TLS is to be refused.
        let demandsTLS: Bool

        /// - Parameter address: the host's address in digits; nil for a Unix socket.
        init(_ settings: PostgreSQLSettings, host: DatabaseHost, address: String?) throws(DatabaseError) {
            demandsTLS = !host.isUnixSocket && settings.protection != .loopbackOnly
            password = settings.password
            pairs = [
                ("host", host.name),
                ("port", String(host.port)),
                ("dbname", settings.database),
                ("user", settings.user),
                ("application_name", settings.applicationName),
                ("client_encoding", "UTF8"),
                ("gssencmode", "disable"),
                ("target_session_attrs", Self.attributes(settings.role)),
                ("keepalives", "1"),
                ("keepalives_idle", "30"),
                ("keepalives_interval", "10"),
                ("keepalives_count", "3"),
                ("tcp_user_timeout", "15000"),
                ("passfile", Self.noFile),
                ("options", Self.sessionOptions(settings)),
            ]
            if let address { pairs.append(("hostaddr", address)) }
            try protect(settings)
        }

        /// A path at which there is never a file.
        private static let noFile = "/dev/null/none"

        private mutating func protect(_ settings: PostgreSQLSettings) throws(DatabaseError) {
            guard demandsTLS else {
                pairs += [("sslmode", "disable"), ("channel_binding", "prefer")]
                return
            }
            guard let authority = settings.authorityFile ?? Self.systemAuthorities() else {
                throw DatabaseError(.settings, "no file with the system's authorities was found; set sslrootcert")
            }
            // Where a stranger could answer, the password must be of no use to him.
            let isProven = settings.protection == .verifyFull
            pairs += [
                ("sslmode", Self.mode(settings.protection)),
                ("sslrootcert", authority),
                ("sslcert", settings.certificateFile ?? Self.noFile),
                ("sslkey", settings.keyFile ?? Self.noFile),
                ("ssl_min_protocol_version", "TLSv1.2"),
                ("channel_binding", isProven || settings.password == nil ? "prefer" : "require"),
            ]
        }

        private static func mode(_ protection: PostgreSQLSettings.Protection) -> String {
            switch protection {
            case .verifyFull: "verify-full"
            case .verifyAuthority: "verify-ca"
            case .encryptOnly: "require"
            case .loopbackOnly: "disable"
            }
        }

        private static func attributes(_ role: PostgreSQLSettings.Role) -> String {
            switch role {
            case .any: "any"
            case .primary: "read-write"
            case .standby: "standby"
            }
        }

        /// Given to the server as the session begins, so that no statement runs without them.
        private static func sessionOptions(_ settings: PostgreSQLSettings) -> String {
            var options = [
                "statement_timeout=\(milliseconds(settings.statementTimeout))",
                "lock_timeout=\(milliseconds(settings.lockTimeout))",
                "idle_in_transaction_session_timeout=10000",
            ]
            if let schema = settings.schema { options.append("search_path=\(schema.name)") }
            return options.map { "-c \($0)" }.joined(separator: " ")
        }

        private static func milliseconds(_ duration: Duration) -> Int64 {
            let (seconds, attoseconds) = duration.components
            // 0 would mean forever.
            return max(1, min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000)
        }

        private static func systemAuthorities() -> String? {
            ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
                .first { unsafe access($0, R_OK) == 0 }
        }

        /// Lends the options as two arrays that end with NULL. The password stays in locked memory until the library copies
        /// it.
        ///
        /// Sound because nothing outlives `body`: the texts are freed after it, and the password is borrowed around it.
        func withArrays<Success>(
            _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Success
        ) throws(DatabaseError) -> Success {
            let terminated = try terminatedPassword()
            return unsafe terminated.withUnsafeBytes { password in
                var keywords = unsafe pairs.map { unsafe Self.copy($0.keyword) }
                var values = unsafe pairs.map { unsafe Self.copy($0.value) }
                let owned = unsafe keywords + values
                defer { unsafe owned.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
                let passwordKeyword = unsafe Self.copy("password")
                defer { unsafe free(UnsafeMutableRawPointer(mutating: passwordKeyword)) }
                if self.password != nil {
                    unsafe keywords.append(passwordKeyword)
                    unsafe values.append(password.baseAddress?.assumingMemoryBound(to: CChar.self))
                }
                unsafe keywords.append(nil)
                unsafe values.append(nil)
                return unsafe body(keywords, values)
            }
        }

        private static func copy(_ text: String) -> UnsafePointer<CChar>? { unsafe UnsafePointer(strdup(text)) }

        /// The password with the zero at its end that C asks for.
        private func terminatedPassword() throws(DatabaseError) -> SecretBytes {
            do throws(MemoryError) {
                guard let password else { return try SecretBytes(capacity: 1, account: .store) { $0.append(0) } }
                return try password.withBytes { (bytes) throws(MemoryError) in
                    try SecretBytes(capacity: bytes.count + 1, account: .store) { output in
                        output.append(contentsOf: bytes)
                        output.append(0)
                    }
                }
            } catch {
                throw DatabaseError(.memory, "there is no locked memory for the password")
            }
        }
    }
#endif
