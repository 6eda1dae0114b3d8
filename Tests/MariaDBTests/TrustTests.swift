#if MariaDB
    import DatabaseServers
    import Databases
    import PoolCalls
    import MariaDB
    import Testing

    @Suite("Trust between the agent and MariaDB")
    struct TrustTests {
        private func refusal(_ settings: MariaDBSettings) async throws -> DatabaseError {
            try #require(await withPool(settings) { pool in await pool.failure("SELECT 1") })
        }

        @Test("a server with the right name and authority is spoken to, over TLS")
        func proven() async throws {
            let server = try MariaDBServer.shared.get()
            try await withPool(settings(server.url())) { pool in
                same(
                    try await pool.number(
                        """
                        SELECT VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS \
                        WHERE VARIABLE_NAME = 'Ssl_cipher'
                        """
                    ),
                    1
                )
            }
        }

        @Test("a certificate for another name is refused")
        func name() async throws {
            var options = DatabaseServerOptions()
            options.certificate = "elsewhere"
            let server = try MariaDBServer(options: options)
            let error = try await refusal(settings(server.url()))
            #expect(error.kind == .untrusted, "\(error)")
        }

        @Test("an unknown authority is refused, and a missing file named")
        func authority() async throws {
            let server = try MariaDBServer.shared.get()
            var other = try settings(server.url())
            other.authorityFile = server.otherAuthorityFile
            #expect(try await refusal(other).kind == .untrusted)
            other.authorityFile = "/nowhere/ca.crt"
            let error = try await refusal(other)
            #expect(error.kind == .settings)
            #expect(error.message.contains("/nowhere/ca.crt"))
        }

        @Test("a server without TLS is refused, and clear text is for this machine alone")
        func clearText() async throws {
            var options = DatabaseServerOptions()
            options.speaksTLS = false
            let server = try MariaDBServer(options: options)
            #expect(try await refusal(settings(server.url())).kind == .untrusted)
            try await withPool(settings(server.url("sslMode=disable"))) { pool in
                same(try await pool.number("SELECT 7"), 7)
            }
            #expect(throws: DatabaseError.self) { try settings("jdbc:mysql://db/tacit?sslMode=disable") }
        }

        @Test("a wrong password is a refused login that holds no password")
        func login() async throws {
            let error = try await refusal(settings(MariaDBServer.shared.get().url(), password: "wrong-pa55word"))
            #expect(error.kind == .refusedLogin)
            #expect(error.state == "1045")
            #expect(!error.description.contains("pa55word"))
        }

        @Test("a host where nothing listens, and a database that is not there, are told apart")
        func others() async throws {
            let server = try MariaDBServer.shared.get()
            var settings = try settings(server.url())
            settings.database = "nothing_here"
            let kind = try await refusal(settings).kind
            #expect(kind == .missingPrivilege || kind == .missingDatabase)
            settings.hosts = [DatabaseHost(name: "127.0.0.1", port: 1)]
            #expect(try await refusal(settings).kind == .unreachable)
        }

        @Test(
            "a URL is refused with the reason",
            arguments: [
                ("jdbc:postgresql://db/k", "jdbc:mysql://"), ("jdbc:mysql://db/k?sslMode=require", "verify-full"),
                ("jdbc:mysql://db/k?allowPublicKeyRetrieval=true", "allowPublicKeyRetrieval"),
                ("jdbc:mysql://db/k?sslCert=/a", "both"), ("jdbc:mysql://db/k?connectTimeout=5", "connectTimeout"),
                ("jdbc:mysql://%2Frun%2Fmysqld/k", "Unix socket"), ("jdbc:mysql://a:b@db/k", "login"),
            ]
        )
        func url(text: String, reason: String) throws {
            let error = #expect(throws: DatabaseError.self) { try settings(text) }
            #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        }
    }
#endif
