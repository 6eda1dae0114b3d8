#if MariaDB
    import DatabaseServers
    import Databases
    import PoolCalls
    import MariaDB
    import Testing

    @Suite("MariaDB takes its time, or goes away")
    struct LossTests {
        @Test("a deadline ends a call on time, and the next call is served")
        func deadline() async throws {
            let server = try MariaDBServer.shared.get()
            try await withPool(settings(server.url("socketTimeout=60000"))) { pool in
                try await pool.run("DO 1")
                let start = ContinuousClock.now
                let error = await pool.failure("DO SLEEP(50)", deadline: soon(.milliseconds(300)))
                #expect(error?.kind == .timeout)
                #expect(start.duration(to: .now) < .seconds(10))
                same(try await pool.number("SELECT 1"), 1)
            }
        }

        @Test("a statement beyond the server's own limit is a timeout")
        func statementTimeout() async throws {
            try await withPool(settings(MariaDBServer.shared.get().url("socketTimeout=500"))) { pool in
                let error = await pool.failure("SELECT SUM(SQRT(seq)) FROM seq_1_to_10000000000")
                #expect(error?.kind == .timeout, "\(String(describing: error))")
                same(try await pool.number("SELECT 1"), 1)
            }
        }

        @Test("a cancelled task stops waiting at once, and so does its connection")
        func cancellation() async throws {
            let server = try MariaDBServer.shared.get()
            try await withPool(settings(server.url("socketTimeout=60000"))) { pool in
                try await pool.run("DO 1")
                let task = Task { await pool.failure("DO SLEEP(51)") }
                try await wait {
                    try server.sql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(51)'")
                        == "1"
                }
                task.cancel()
                #expect(await task.value?.kind == .cancelled)
                same(try await pool.number("SELECT 1"), 1)
            }
        }

        @Test("a server killed under a statement is a lost connection, and served again once it is back")
        func killed() async throws {
            let server = try MariaDBServer()
            try await withPool(settings(server.url("socketTimeout=60000"))) { pool in
                try await pool.run("DO 1")
                let task = Task { await pool.failure("DO SLEEP(52)") }
                try await wait {
                    try server.sql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(52)'")
                        == "1"
                }
                try server.kill()
                let lost = await task.value
                #expect(lost?.kind == .lost, "\(String(describing: lost))")
                #expect(await pool.failure("DO 1")?.kind == .unreachable)
                try server.start()
                try await pool.waitForZero("SELECT 0")
                // One that ended while nothing was under way is not noticed by anybody.
                try server.restart()
                same(try await pool.number("SELECT 1"), 1)
            }
        }

        @Test("a server that hangs costs no more than the deadline, while it is asked and while it is connected to")
        func hanging() async throws {
            let server = try MariaDBServer()
            try await withPool(settings(server.url())) { pool in
                try await pool.run("DO 1")
                server.pause()
                for _ in 0..<2 {
                    let start = ContinuousClock.now
                    let failure = await pool.failure("DO 1", deadline: soon(.milliseconds(400)))
                    #expect(failure?.kind == .timeout, "\(String(describing: failure))")
                    #expect(start.duration(to: .now) < .seconds(8))
                }
                server.resume()
                try await pool.waitForZero("SELECT 0")
            }
        }

        @Test("a host that is dead, or takes no writes, is passed over for the next")
        func failover() async throws {
            var options = DatabaseServerOptions()
            options.settings = ["read-only": "1"]
            let (follower, primary) = (try MariaDBServer(options: options), try MariaDBServer.shared.get())
            let alone = try settings(follower.url())
            try await withPool(alone) { pool in #expect(await pool.failure("DO 1")?.kind == .readOnly) }
            var several = alone
            several.hosts = [1, follower.port, primary.port].map { DatabaseHost(name: "localhost", port: UInt16($0)) }
            try await withPool(several) { pool in same(try await pool.number("SELECT @@port"), Int64(primary.port)) }
            try await withPool(settings(follower.url("targetServerType=any"))) { pool in
                same(try await pool.number("SELECT 1"), 1)
                #expect(await pool.failure("CREATE TABLE t (a BIGINT)")?.kind == .readOnly)
            }
        }

        private func wait(_ condition: () throws -> Bool) async throws {
            let end = soon(.seconds(20))
            while try !condition() {
                try #require(ContinuousClock.now < end)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
#endif
