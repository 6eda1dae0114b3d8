#if PostgreSQL
    import Databases
    import PoolCalls
    import PostgreSQL
    import DatabaseServers
    import SecretMemory
    import Testing

    @Suite("A database that takes its time")
    struct DeadlineTests {
        @Test(
            "a deadline ends a call on time, the next call is served, and the server stops working on what nobody awaits"
        )
        func deadline() async throws {
            let server = try PostgreSQLServer()
            try await withPool(settings(server.url("socketTimeout=60"))) { pool in
                try await pool.run("SELECT 1")
                let start = ContinuousClock.now
                let error = await pool.failure("SELECT pg_sleep(50)", deadline: soon(.milliseconds(300)))
                let duration = start.duration(to: .now)
                #expect(error?.kind == .timeout)
                #expect(duration >= .milliseconds(300) && duration < .seconds(10), "\(duration)")
                same(try await pool.number("SELECT 1::int8"), 1)
                try await pool.waitForZero("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
            }
        }

        @Test("a statement beyond the server's own limit is a timeout, and its connection is used again")
        func statementTimeout() async throws {
            try await withPool(settings(PostgreSQLServer.shared.get().url("socketTimeout=1"))) { pool in
                let before = try await pool.number("SELECT pg_backend_pid()")
                let error = await pool.failure("SELECT pg_sleep(20)")
                #expect(error?.kind == .timeout)
                #expect(error?.state == "57014")
                same(try await pool.number("SELECT pg_backend_pid()"), before)
            }
        }

        @Test("a lock that another holds is a timeout")
        func lockTimeout() async throws {
            let server = try PostgreSQLServer.shared.get()
            try server.sql("CREATE TABLE IF NOT EXISTS locked (a int8); GRANT ALL ON locked TO agent")
            try await withPool(settings(server.url())) { holder in
                try await holder.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    try connection.execute("BEGIN", deadline: soon())
                    try connection.execute("LOCK TABLE locked", deadline: soon())
                    // Its thread is busy for as long as the lock is held, so the other pool is used from here.
                    let waiter = Waiter(server)
                    let error = waiter.wait()
                    same(error?.kind, .timeout)
                    same(error?.state, "55P03")
                }
            }
        }

        /// Asks for the locked table on a thread of its own.
        private final class Waiter: Sendable {
            private let server: PostgreSQLServer

            init(_ server: PostgreSQLServer) { self.server = server }

            func wait() -> DatabaseError? {
                let answer = Answer()
                Task {
                    let settings = try settings(server.url())
                    let error = try await withPool(settings) { await $0.failure("SELECT a FROM locked") }
                    answer.give(error)
                }
                return answer.take()
            }
        }

        @Test("a cancelled task stops waiting at once, and so does its connection")
        func cancellation() async throws {
            let server = try PostgreSQLServer()
            try await withPool(settings(server.url("socketTimeout=60"))) { pool in
                try await pool.run("SELECT 1")
                let task = Task { await pool.failure("SELECT pg_sleep(50)") }
                try await server.waitForOne("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(50)'")
                let start = ContinuousClock.now
                task.cancel()
                #expect(await task.value?.kind == .cancelled)
                // There is one thread only, so this shows that it is free again.
                same(try await pool.number("SELECT 1::int8"), 1)
                #expect(start.duration(to: .now) < .seconds(20))
            }
        }

        @Test("a call that waits for a connection ends at its deadline, one too many is refused at once")
        func queue() async throws {
            let server = try PostgreSQLServer.shared.get()
            try await withPool(settings(server.url("socketTimeout=60")), limits: { $0.queueLimit = 1 }) { pool in
                try await pool.run("SELECT 1")
                let busy = Task { await pool.failure("SELECT pg_sleep(51)", deadline: soon(.seconds(50))) }
                try await server.waitForOne("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(51)'")
                let start = ContinuousClock.now
                let errors = await withTaskGroup { group in
                    for _ in 0..<2 {
                        group.addTask { await pool.failure("SELECT 1", deadline: soon(.milliseconds(300))) }
                    }
                    return await group.reduce(into: []) { $0.append($1?.kind) }
                }
                #expect(Set(errors) == [.busy, .timeout])
                #expect(start.duration(to: .now) < .seconds(5))
                busy.cancel()
                #expect(await busy.value?.kind == .cancelled)
            }
        }

        @Test("a server that hangs in the middle of everything costs no more than the deadline")
        func hanging() async throws {
            let server = try PostgreSQLServer()
            try await withPool(settings(server.url())) { pool in
                try await pool.run("SELECT 1")
                try server.pause()
                for _ in 0..<2 {
                    // The first hangs in a statement, the second while it connects.
                    let start = ContinuousClock.now
                    let kind = await pool.failure("SELECT 1", deadline: soon(.milliseconds(400)))?.kind
                    #expect(kind == .timeout)
                    #expect(start.duration(to: .now) < .seconds(8))
                }
                try server.resume()
                try await pool.waitForZero("SELECT 0::int8")
            }
        }

        @Test("a closed pool answers, and one that is let go of ends its threads")
        func closed() async throws {
            let pool = try Pool(settings(PostgreSQLServer.shared.get().url()))
            try await pool.run("SELECT 1")
            await pool.close()
            #expect(await pool.failure("SELECT 1")?.kind == .closed)
            await pool.close()
        }

        @Test("a connection that nobody uses is closed, and opened again when it is needed")
        func idle() async throws {
            let server = try PostgreSQLServer()
            let sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent'"
            try await withPool(settings(server.url()), limits: { $0.idle = .milliseconds(200) }) { pool in
                try await pool.run("SELECT 1")
                try await server.waitFor(sessions, "0")
                try await pool.run("SELECT 1")
            }
        }
    }
#endif
