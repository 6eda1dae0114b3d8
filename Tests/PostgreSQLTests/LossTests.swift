#if PostgreSQL
    import Databases
    import PoolCalls
    import PostgreSQL
    import DatabaseServers
    import SecretMemory
    import Testing

    @Suite("A database that goes away")
    struct LossTests {
        @Test("a server killed under a statement is a lost connection, and served again once it is back")
        func killed() async throws {
            let server = try PostgreSQLServer()
            try await withPool(settings(server.url("socketTimeout=60"))) { pool in
                try await pool.run("SELECT 1")
                let task = Task { await pool.failure("SELECT pg_sleep(50)") }
                try await server.waitForOne("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(50)'")
                try server.kill()
                #expect(await task.value?.kind == .lost)
                let error = await pool.failure("SELECT 1")
                #expect(error?.kind == .unreachable)
                #expect(error?.message.contains("Connection refused") == true, "\(String(describing: error))")
                try server.start()
                try await pool.waitForZero("SELECT 0::int8")
            }
        }

        @Test("a session that an administrator ended, or a restart, goes unnoticed where nothing was under way")
        func idleLoss() async throws {
            let server = try PostgreSQLServer()
            try await withPool(settings(server.url())) { pool in
                try await pool.run("SELECT 1")
                try server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'agent'")
                try await server.waitFor("SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent'", "0")
                same(try await pool.number("SELECT 1::int8"), 1)
                try server.restart()
                same(try await pool.number("SELECT 1::int8"), 1)
            }
        }

        @Test("a session that is ended under a statement is a lost connection")
        func terminated() async throws {
            let server = try PostgreSQLServer()
            try await withPool(settings(server.url("socketTimeout=60"))) { pool in
                try await pool.run("SELECT 1")
                let task = Task { await pool.failure("SELECT pg_sleep(50)") }
                try await server.waitForOne("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(50)'")
                try server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'agent'")
                let error = await task.value
                #expect(error?.kind == .lost)
                same(try await pool.number("SELECT 1::int8"), 1)
            }
        }

        @Test("a host that is dead, or hangs, is passed over for the next, which is tried first from then on")
        func failover() async throws {
            let (dead, live) = (try PostgreSQLServer(), try PostgreSQLServer())
            try dead.kill()
            var both = try settings(live.url("connectTimeout=2"))
            both.hosts = [
                .init(name: "localhost", port: UInt16(dead.port)), .init(name: "localhost", port: UInt16(live.port)),
            ]
            try await withPool(both) { pool in same(try await pool.number("SELECT 1::int8"), 1) }
            try dead.start()
            try dead.pause()
            try await withPool(both) { pool in
                same(try await pool.number("SELECT 1::int8"), 1)
                // The hanging one cost two seconds; it does not do so again.
                try live.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'agent'")
                try await live.waitFor("SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent'", "0")
                let start = ContinuousClock.now
                same(try await pool.number("SELECT 1::int8"), 1)
                #expect(start.duration(to: .now) < .milliseconds(1900))
            }
            try dead.resume()
        }

        @Test("a server that takes no writes is passed over where writes are wanted, and taken where any will do")
        func readOnly() async throws {
            var options = DatabaseServerOptions()
            options.settings = ["default_transaction_read_only": "on"]
            let (follower, primary) = (try PostgreSQLServer(options: options), try PostgreSQLServer.shared.get())
            let alone = try settings(follower.url())
            try await withPool(alone) { pool in
                let error = await pool.failure("SELECT 1")
                #expect(error?.kind == .readOnly, "\(String(describing: error))")
            }
            let any = try settings(follower.url("targetServerType=any"))
            try await withPool(any) { pool in
                same(try await pool.number("SELECT 1::int8"), 1)
                let error = await pool.failure("CREATE TABLE t (a int8)")
                #expect(error?.kind == .readOnly)
            }
            var both = alone
            both.hosts.append(.init(name: "localhost", port: UInt16(primary.port)))
            try await withPool(both) { pool in same(try await pool.number("SELECT 1::int8"), 1) }
        }

        @Test("where no host will do, the error names each and what was wrong with it")
        func allDead() async throws {
            let server = try PostgreSQLServer.shared.get()
            var both = try settings(server.url())
            both.hosts = [.init(name: "127.0.0.1", port: 1), .init(name: "nowhere.invalid", port: 5432)]
            let error = try await withPool(both) { await $0.failure("SELECT 1") }
            #expect(error?.kind == .unreachable)
            for part in ["127.0.0.1:1: Connection refused", "nowhere.invalid:5432: look-up"] {
                #expect(error?.message.contains(part) == true, "\(String(describing: error))")
            }
        }

        @Test("a server with no connection left is exhausted")
        func exhausted() async throws {
            let server = try PostgreSQLServer.shared.get()
            try server.sql("ALTER ROLE agent CONNECTION LIMIT 0")
            defer { _ = try? server.sql("ALTER ROLE agent CONNECTION LIMIT -1") }
            let error = try await withPool(settings(server.url())) { await $0.failure("SELECT 1") }
            #expect(error?.kind == .exhausted)
            #expect(error?.state == "53300")
        }
    }
#endif
