#if PostgreSQL
    import Databases
    import PoolCalls
    import PostgreSQL
    import DatabaseServers
    import Testing

    @Suite("Trust between the agent and a database")
    struct TrustTests {
        private func refusal(_ settings: PostgreSQLSettings) async throws -> DatabaseError {
            try #require(await withPool(settings) { pool in await pool.failure("SELECT 1") })
        }

        @Test("a server with the right name and authority is spoken to, over TLS")
        func proven() async throws {
            let server = try PostgreSQLServer.shared.get()
            let version = try await withPool(settings(server.url())) { pool in
                try await pool.number("SELECT count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl")
            }
            #expect(version == 1)
        }

        @Test("a certificate for another name is refused, also where the address is the right one")
        func name() async throws {
            var options = DatabaseServerOptions()
            options.certificate = "elsewhere"
            let server = try PostgreSQLServer(options: options)
            for host in ["localhost", "127.0.0.1"] {
                let error = try await refusal(settings(server.url(host: host)))
                #expect(error.kind == .untrusted)
                #expect(error.message.contains("elsewhere.example.org"), "\(error)")
            }
        }

        @Test("an unknown authority is refused")
        func authority() async throws {
            let server = try PostgreSQLServer.shared.get()
            var other = try settings(server.url())
            other.authorityFile = server.otherAuthorityFile
            let error = try await refusal(other)
            #expect(error.kind == .untrusted)
            #expect(error.message.contains("certificate verify failed"), "\(error)")
        }

        @Test("an authority file that is not there is named")
        func missingAuthority() async throws {
            var missing = try settings(PostgreSQLServer.shared.get().url())
            missing.authorityFile = "/nowhere/ca.crt"
            let error = try await refusal(missing)
            #expect(error.kind == .settings)
            #expect(error.message.contains("/nowhere/ca.crt"), "\(error)")
        }

        @Test("a server without TLS is refused, and without a proven name too")
        func clearText() async throws {
            var options = DatabaseServerOptions()
            options.speaksTLS = false
            let server = try PostgreSQLServer(options: options)
            for mode in ["verify-full", "verify-ca", "require"] {
                let error = try await refusal(settings(server.url("sslmode=\(mode)"), insecure: true))
                #expect(error.kind == .untrusted)
                #expect(error.message.contains("does not support SSL"), "\(error)")
            }
            // Nothing but that decided it: on this machine, clear text can be asked for.
            #expect(
                try await withPool(settings(server.url("sslmode=disable"))) { try await $0.number("SELECT 7::int8") }
                    == 7
            )
            let attempts = server.log().contains("password authentication")
            #expect(!attempts)
        }

        @Test("a Unix socket needs no TLS")
        func socket() async throws {
            let server = try PostgreSQLServer.shared.get()
            let folder = server.socketFolder.split(separator: "/").joined(separator: "%2F")
            let url = "jdbc:postgresql://%2F\(folder):\(server.port)/\(PostgreSQLServer.database)"
            #expect(try await withPool(settings(url)) { try await $0.number("SELECT 7::int8") } == 7)
        }

        @Test("a wrong password is a refused login that says whose, and holds no password")
        func login() async throws {
            let server = try PostgreSQLServer.shared.get()
            let error = try await refusal(settings(server.url(), password: "wrong-pa55word"))
            #expect(error.kind == .refusedLogin)
            #expect(error.state == "28P01")
            #expect(error.description.contains("\"agent\""), "\(error)")
            #expect(!error.description.contains("pa55word"))
        }

        @Test("a database that is not there, and no password at all, are told apart")
        func others() async throws {
            let server = try PostgreSQLServer.shared.get()
            var elsewhere = try settings(server.url())
            elsewhere.database = "nothing_here"
            #expect(try await refusal(elsewhere).kind == .missingDatabase)
            var without = try settings(server.url())
            without.password = nil
            let error = try await refusal(without)
            #expect(error.message.contains("no password supplied"), "\(error)")
            #expect(error.kind == .refusedLogin)
        }

        @Test("a host that has no address, and one where nothing listens, are unreachable and named")
        func unreachable() async throws {
            let server = try PostgreSQLServer.shared.get()
            var settings = try settings(server.url())
            settings.hosts = [.init(name: "nowhere.invalid", port: 5432)]
            var error = try await refusal(settings)
            #expect(error.kind == .unreachable)
            #expect(error.message.hasPrefix("nowhere.invalid:5432: look-up of the name"), "\(error)")
            settings.hosts = [.init(name: "127.0.0.1", port: 1)]
            error = try await refusal(settings)
            #expect(error.kind == .unreachable)
            #expect(error.message.hasPrefix("127.0.0.1:1: Connection refused"), "\(error)")
        }
    }
#endif
