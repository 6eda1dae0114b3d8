#if PostgreSQL
    import Databases
    import PoolCalls
    import PostgreSQL
    import DatabaseServers
    import SecretMemory
    import Testing

    @Suite("A database's transactions")
    struct TransactionTests {
        private let server: PostgreSQLServer

        init() throws {
            server = try PostgreSQLServer.shared.get()
            try server.sql(
                """
                DROP TABLE IF EXISTS account;
                CREATE TABLE account (id int8 PRIMARY KEY, amount int8 NOT NULL CHECK (amount >= 0));
                INSERT INTO account VALUES (1, 10), (2, 10);
                GRANT SELECT, UPDATE, INSERT ON account TO agent;
                """
            )
        }

        /// An error of whoever uses a pool.
        private enum Refusal: DatabaseFailure, Equatable {
            case mine
            case database(DatabaseError.Kind)

            init(_ error: DatabaseError) { self = .database(error.kind) }
        }

        @Test("is kept whole, or undone whole where its body throws, in the user's own words")
        func rollback() async throws {
            let pool = try PostgreSQLPool<Refusal>(settings(server.url()))
            try await pool.perform(deadline: soon()) { (connection) throws(Refusal) in
                try connection.transaction(deadline: soon()) { () throws(Refusal) in
                    try connection.execute("UPDATE account SET amount = 7 WHERE id = 1", deadline: soon())
                }
            }
            #expect(try server.sql("SELECT amount FROM account WHERE id = 1") == "7")
            await #expect(throws: Refusal.mine) {
                try await pool.perform(deadline: soon()) { (connection) throws(Refusal) in
                    try connection.transaction(deadline: soon()) { () throws(Refusal) in
                        try connection.execute("UPDATE account SET amount = 8 WHERE id = 1", deadline: soon())
                        throw .mine
                    }
                }
            }
            await #expect(throws: Refusal.database(.constraint)) {
                try await pool.perform(deadline: soon()) { (connection) throws(Refusal) in
                    try connection.transaction(deadline: soon()) { () throws(Refusal) in
                        try connection.execute("UPDATE account SET amount = 9 WHERE id = 1", deadline: soon())
                        try connection.execute("UPDATE account SET amount = -1 WHERE id = 2", deadline: soon())
                    }
                }
            }
            #expect(try server.sql("SELECT amount FROM account ORDER BY id") == "7\n10")
            await pool.close()
        }

        @Test("is not taken for kept where a statement had failed in it and nobody took notice")
        func unnoticed() async throws {
            try await withPool(settings(server.url())) { pool in
                let kind = await failureKind(pool) { (connection) throws(DatabaseError) in
                    try connection.transaction(deadline: soon()) { () throws(DatabaseError) in
                        try connection.execute("UPDATE account SET amount = 9 WHERE id = 1", deadline: soon())
                        _ = try? connection.execute("SELECT 1 / 0", deadline: soon())
                    }
                }
                #expect(kind == .other)
            }
            #expect(try server.sql("SELECT amount FROM account WHERE id = 1") == "10")
        }

        @Test("one that was left open does not reach the next call")
        func leftOpen() async throws {
            try await withPool(settings(server.url())) { pool in
                try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    try connection.execute("BEGIN", deadline: soon())
                    try connection.execute("UPDATE account SET amount = 9 WHERE id = 1", deadline: soon())
                }
                same(try await pool.number("SELECT amount FROM account WHERE id = 1"), 10)
            }
        }

        @Test("two that cannot both be kept end in a conflict that is worth repeating")
        func conflict() async throws {
            let settings = try settings(server.url())
            let first = try Pool(settings)
            let error = await #expect(throws: DatabaseError.self) {
                try await first.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    try connection.transaction(.serializable, deadline: soon()) { () throws(DatabaseError) in
                        try connection.query("SELECT sum(amount)::int8 FROM account", deadline: soon()) { (_) in }
                        let answer = Answer()
                        Task {
                            let error = await Self.otherWriter(settings)
                            answer.give(error)
                        }
                        same(answer.take(), nil)
                        try connection.execute("UPDATE account SET amount = 11 WHERE id = 1", deadline: soon())
                    }
                }
            }
            #expect(error?.kind == .conflict)
            #expect(error?.isWorthRepeating == true)
            await first.close()
        }

        private static func otherWriter(_ settings: PostgreSQLSettings) async -> DatabaseError? {
            do throws(DatabaseError) {
                let pool = try Pool(settings)
                try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    try connection.transaction(.serializable, deadline: soon()) { () throws(DatabaseError) in
                        try connection.query("SELECT sum(amount)::int8 FROM account", deadline: soon()) { (_) in }
                        try connection.execute("UPDATE account SET amount = 12 WHERE id = 1", deadline: soon())
                    }
                }
                await pool.close()
                return nil
            } catch {
                return error
            }
        }

        @Test("errors have the kind that callers act upon, and hold no value")
        func kinds() async throws {
            try await withPool(settings(server.url())) { pool in
                let cases: [(DatabaseStatement, DatabaseError.Kind, String)] = [
                    ("INSERT INTO account VALUES (1, 987654)", .duplicate, "23505"),
                    ("INSERT INTO account VALUES (3, -987654)", .constraint, "23514"),
                    ("INSERT INTO account VALUES (3, NULL)", .constraint, "23502"),
                    ("DELETE FROM account", .missingPrivilege, "42501"),
                    ("SELECT a FROM nowhere", .missingTable, "42P01"),
                    ("CREATE TABLE nowhere.t (a int8)", .missingTable, "3F000"),
                    ("SELECT nothing FROM account", .missingTable, "42703"),
                    ("SELECT '987654x'::int8", .other, "22P02"),
                    ("SELEC 1", .other, "42601"),
                    ("SELECT 987654 / 0", .other, "22012"),
                    ("", .other, "none"),
                ]
                for (statement, kind, state) in cases {
                    let error = await pool.failure(statement)
                    if statement.text.isEmpty {
                        #expect(error == nil)
                        continue
                    }
                    #expect(error?.kind == kind, "\(statement.text): \(String(describing: error))")
                    #expect(error?.state == state)
                    #expect(error?.description.contains("987654") == false, "\(String(describing: error))")
                }
                // A copy has a protocol of its own, which nothing here speaks.
                #expect(await pool.failure("COPY account TO STDOUT")?.kind == .malformed)
                #expect(await pool.failure("COPY account FROM STDIN")?.kind == .malformed)
                same(try await pool.number("SELECT 1::int8"), 1)
            }
        }
    }
#endif
