#if MariaDB
    internal import CMariaDB
    internal import Databases
    internal import Glibc
    internal import SecretMemory

    /// What is set on a connection before it is opened.
    ///
    /// Sound because the library copies each value before its call returns.
    enum ConnectionOptions {
        static func set(_ settings: MariaDBSettings, on raw: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) {
            unsafe mysql_options(raw, MYSQL_OPT_NONBLOCK, nil)
            // "localhost" would be a Unix socket otherwise, of which the URL says nothing.
            unsafe set(raw, MYSQL_OPT_PROTOCOL, UInt32(MYSQL_PROTOCOL_TCP.rawValue))
            // A server could ask for the client's files.
            unsafe set(raw, MYSQL_OPT_LOCAL_INFILE, UInt32(0))
            unsafe set(raw, MYSQL_OPT_RECONNECT, my_bool(0))
            unsafe set(raw, MYSQL_OPT_MAX_ALLOWED_PACKET, UInt(maximumPacketBytes))
            unsafe set(raw, MYSQL_SET_CHARSET_NAME, "utf8mb4")
            // For what the library does without asking us to wait: parts of the login, and the farewell.
            let seconds = UInt32(clamping: max(1, settings.connectTimeout.components.seconds))
            unsafe set(raw, MYSQL_OPT_READ_TIMEOUT, seconds)
            unsafe set(raw, MYSQL_OPT_WRITE_TIMEOUT, seconds)
            // The others would hand the password itself to whoever asks for it.
            unsafe set(raw, MARIADB_OPT_RESTRICTED_AUTH, loginMethods)
            unsafe try protect(settings, raw)
        }

        /// Bytes of the largest message that is taken from a server.
        static let maximumPacketBytes = 16 << 20

        private static let loginMethods =
            "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519"

        private static func protect(
            _ settings: MariaDBSettings,
            _ raw: UnsafeMutablePointer<MYSQL>
        ) throws(DatabaseError) {
            guard settings.protection == .verifyFull else { return }
            guard let authority = settings.authorityFile ?? systemAuthorities() else {
                throw DatabaseError(.settings, "no file with the system's authorities was found; set sslCa")
            }
            for file in [authority, settings.certificateFile, settings.keyFile].compactMap(\.self)
            where unsafe access(file, R_OK) != 0 {
                throw DatabaseError(.settings, "\(file) cannot be read")
            }
            unsafe set(raw, MYSQL_OPT_SSL_CA, authority)
            if let file = settings.certificateFile { unsafe set(raw, MYSQL_OPT_SSL_CERT, file) }
            if let file = settings.keyFile { unsafe set(raw, MYSQL_OPT_SSL_KEY, file) }
            unsafe set(raw, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3")
            // The only switch that both demands TLS and looks at whom it leads to.
            unsafe set(raw, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, my_bool(1))
        }

        private static func set<Value: BitwiseCopyable>(
            _ raw: UnsafeMutablePointer<MYSQL>,
            _ option: mysql_option,
            _ value: Value
        ) {
            _ = unsafe withUnsafePointer(to: value) { unsafe mysql_options(raw, option, $0) }
        }

        private static func set(_ raw: UnsafeMutablePointer<MYSQL>, _ option: mysql_option, _ value: String) {
            _ = unsafe value.withCString { unsafe mysql_options(raw, option, $0) }
        }

        private static func systemAuthorities() -> String? {
            ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
                .first { unsafe access($0, R_OK) == 0 }
        }

        /// A password with the zero at its end that C asks for.
        static func terminated(_ password: SharedSecret?) throws(DatabaseError) -> SecretBytes {
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
