#if MariaDB
    import DatabaseServers
    import Databases
    import PoolCalls
    import MariaDB
    import SecretMemory
    import Testing

    @Suite("MariaDB's statements")
    struct StatementTests {
        private let server: MariaDBServer

        init() throws {
            server = try MariaDBServer.shared.get()
            try server.sql(
                """
                CREATE OR REPLACE TABLE item (
                  id BIGINT PRIMARY KEY, big BIGINT UNSIGNED, small TINYINT, txt VARCHAR(100) CHARACTER SET utf8mb4,
                  bin VARBINARY(50), blb MEDIUMBLOB, CONSTRAINT positive CHECK (small >= 0)) ENGINE=InnoDB;
                """
            )
        }

        @Test("values of each type go there and come back, empty ones and NULL as what they are")
        func types() async throws {
            let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
            try await withPool(settings(server.url())) { pool in
                try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    for (id, text) in [(Int64.min, "grün"), (-1, ""), (Int64.max, "x")] {
                        var parameters = DatabaseParameters()
                        parameters.append(id)
                        parameters.append(Int64?.none)
                        parameters.append(Int64(7))
                        parameters.append(text)
                        parameters.append(Span<UInt8>())
                        parameters.append(bytes.span)
                        let insert: DatabaseStatement = "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?)"
                        same(try connection.execute(insert, parameters, deadline: soon()), 1)
                        var key = DatabaseParameters()
                        key.append(id)
                        try connection.query(
                            "SELECT id, big, small, txt, bin, blb, NULL FROM item WHERE id = ?",
                            key,
                            deadline: soon()
                        ) { (row) throws(DatabaseError) in
                            same(try row.number(at: 0), id)
                            same(try row.number(at: 1), nil)
                            same(try row.number(at: 2), 7)
                            same(try row.text(at: 3), text)
                            same(try row.withBytes(at: 4) { (bytes) throws(DatabaseError) in bytes?.count }, 0)
                            let isSame = try row.withBytes(at: 5) { (found) throws(DatabaseError) -> Bool in
                                guard let found, found.count == bytes.count else { return false }
                                return found.indices.allSatisfy { found[$0] == bytes[$0] }
                            }
                            same(isSame, true)
                            same(row.isNull(at: 6), true)
                            same(row.columns, 7)
                        }
                    }
                }
            }
        }

        @Test("a column of another type, or beyond what a number holds, is an error and no guess")
        func mismatch() async throws {
            try await withPool(settings(server.url())) { pool in
                let statements: [DatabaseStatement] = [
                    "SELECT 'text'", "SELECT CAST(18446744073709551615 AS UNSIGNED)",
                ]
                for statement in statements {
                    let error = await #expect(throws: DatabaseError.self) { try await pool.number(statement) }
                    #expect(error?.kind == .malformed)
                }
                same(try await pool.number("SELECT 1"), 1)
            }
        }

        @Test("errors have the kind that callers act upon, and hold no value")
        func kinds() async throws {
            try server.sql("INSERT INTO item (id) VALUES (987654)")
            try server.sql("CREATE OR REPLACE TABLE mysql.apart (a BIGINT)", database: "mysql")
            try await withPool(settings(server.url())) { pool in
                let cases: [(DatabaseStatement, DatabaseError.Kind, String)] = [
                    ("INSERT INTO item (id) VALUES (987654)", .duplicate, "1062"),
                    ("INSERT INTO item (id, small) VALUES (1, -1)", .constraint, "4025"),
                    ("INSERT INTO item (id, bin) VALUES (1, REPEAT('987654', 100))", .constraint, "1406"),
                    ("SELECT a FROM nowhere", .missingTable, "1146"),
                    ("SELECT a FROM mysql.apart", .missingPrivilege, "1142"),
                    ("SELEC 987654", .other, "1064"),
                ]
                for (statement, kind, state) in cases {
                    let error = await pool.failure(statement)
                    #expect(error?.kind == kind, "\(statement.text): \(String(describing: error))")
                    #expect(error?.state == state)
                    #expect(error?.description.contains("987654") == false, "\(String(describing: error))")
                }
                let missing = await pool.failure("SELECT ?")
                #expect(missing?.kind == .other)
                same(try await pool.number("SELECT 1"), 1)
            }
        }

        @Test("more rows than the caller wants end the answer, and the next call is served")
        func tooManyRows() async throws {
            try await withPool(settings(server.url())) { pool in
                for (statement, isTaken) in [
                    ("SELECT seq FROM seq_1_to_10" as DatabaseStatement, true), ("SELECT seq FROM seq_1_to_11", false),
                    ("SELECT seq FROM seq_1_to_1000000000", false),
                ] {
                    do throws(DatabaseError) {
                        try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                            try connection.query(statement, deadline: soon(), maximumRows: 10) {
                                (_) throws(DatabaseError) in
                            }
                        }
                        #expect(isTaken)
                    } catch {
                        #expect(error.kind == .tooLarge && !isTaken, "\(error)")
                    }
                }
                same(try await pool.number("SELECT 1"), 1)
            }
        }

        @Test("a transaction is kept whole, or undone whole where its body throws; identifiers are put in quotes")
        func transactions() async throws {
            let table = try #require(DatabaseIdentifier("item"))
            try server.sql("INSERT INTO item (id, small) VALUES (1, 1), (2, 1)")
            try await withPool(settings(server.url())) { pool in
                for (value, isKept) in [(Int64(5), true), (6, false)] {
                    _ = try? await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                        try connection.transaction(deadline: soon()) { () throws(DatabaseError) in
                            var parameters = DatabaseParameters()
                            parameters.append(value)
                            try connection.execute("UPDATE \(table) SET small = ?", parameters, deadline: soon())
                            if !isKept { try connection.execute("SELECT a FROM nowhere", deadline: soon()) }
                        }
                    }
                    same(try await pool.number("SELECT small FROM item WHERE id = 1"), 5)
                }
                try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    try connection.execute("UPDATE item SET small = 9", deadline: soon())
                    try connection.transaction(deadline: soon()) { () throws(DatabaseError) in
                        same(connection.isReusable, false)
                    }
                    same(connection.isReusable, true)
                }
            }
        }
    }
#endif
