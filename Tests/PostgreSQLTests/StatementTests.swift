#if PostgreSQL
    import Databases
    import PoolCalls
    import PostgreSQL
    import DatabaseServers
    import SecretMemory
    import Testing

    @Suite("A database's statements")
    struct StatementTests {
        private let server: PostgreSQLServer

        init() throws { server = try PostgreSQLServer.shared.get() }

        @Test("values of each type go there and come back, empty ones and NULL as what they are")
        func types() async throws {
            try await withPool(settings(server.url())) { pool in
                try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    for number in [Int64.min, -70_000, -1, 0, 1, 255, 65_536, .max] {
                        var parameters = DatabaseParameters()
                        parameters.append(number)
                        parameters.append(number == 0 ? "" : "grün \(number)")
                        parameters.append([UInt8(0), 1, 255].span)
                        parameters.append(Span<UInt8>())
                        parameters.append(Int64?.none)
                        parameters.append(String?.none)
                        parameters.appendNullBytes()
                        try connection.query("SELECT $1, $2, $3, $4, $5, $6, $7", parameters, deadline: soon()) {
                            (row) throws(DatabaseError) in
                            same(try row.number(at: 0), number)
                            same(try row.text(at: 1), (number == 0 ? "" : "grün \(number)"))
                            let bytes = row.withBytes(at: 2) { bytes -> [UInt8] in
                                guard let bytes else { return [] }
                                return bytes.indices.map { bytes[$0] }
                            }
                            #expect(bytes == [0, 1, 255])
                            let empty = row.withBytes(at: 3) { $0?.count }
                            #expect(empty == 0)
                            let nulls = (4...6).map { row.isNull(at: $0) }
                            #expect(nulls == [true, true, true])
                            same(try row.number(at: 4), nil)
                            same(try row.text(at: 5), nil)
                            let none = row.withBytes(at: 6) { $0 == nil }
                            #expect(none)
                            let columns = row.columns
                            #expect(columns == 7)
                        }
                    }
                }
            }
        }

        @Test("numbers of all widths, booleans and times are read")
        func widths() async throws {
            try await withPool(settings(server.url())) { pool in
                try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    try connection.query(
                        """
                        SELECT (-2)::int2, (-70000)::int4, true, false, '2026-01-02 03:04:05.678+00'::timestamptz,
                         'name'::name, 'text'::varchar(9), '1969-12-31 23:59:59+00'::timestamptz
                        """,
                        deadline: soon()
                    ) { (row) throws(DatabaseError) in
                        same(try row.number(at: 0), -2)
                        same(try row.number(at: 1), -70_000)
                        same(try row.flag(at: 2), true)
                        same(try row.flag(at: 3), false)
                        same(try row.time(at: 4), 1_767_323_045_678)
                        same(try row.text(at: 5), "name")
                        same(try row.text(at: 6), "text")
                        same(try row.time(at: 7), -1000)
                    }
                }
            }
        }

        @Test("a column of another type than was asked for, or that is not there, is an error and no guess")
        func mismatch() async throws {
            try await withPool(settings(server.url())) { pool in
                for column in [0, 1, -1] {
                    let error = await #expect(throws: DatabaseError.self) {
                        try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                            try connection.query("SELECT 'text'::text", deadline: soon()) {
                                (row) throws(DatabaseError) in
                                _ = try row.number(at: column)
                            }
                        }
                    }
                    #expect(error?.kind == .malformed)
                }
                // The connection is still the same one.
                same(try await pool.number("SELECT 1::int8"), 1)
            }
        }

        @Test("a megabyte of bytes comes back as it went, many times over")
        func large() async throws {
            let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
            try await withPool(settings(server.url())) { pool in
                try await pool.perform(deadline: soon()) { (connection) throws(DatabaseError) in
                    for _ in 0..<5 {
                        var parameters = DatabaseParameters()
                        parameters.append(bytes.span)
                        try connection.query("SELECT $1", parameters, deadline: soon()) {
                            (row) throws(DatabaseError) in
                            let isSame = row.withBytes(at: 0) { found in
                                guard let found, found.count == bytes.count else { return false }
                                return found.indices.allSatisfy { found[$0] == bytes[$0] }
                            }
                            #expect(isSame)
                        }
                    }
                }
            }
        }

        @Test("parameters beyond the limits are refused before anything is sent, those at the limit are taken")
        func limits() async throws {
            try await withPool(settings(server.url())) { pool in
                for (bytes, count, isTaken) in [
                    (DatabaseParameters.maximumBytes, 1, true), (DatabaseParameters.maximumBytes + 1, 1, false),
                    (1, DatabaseParameters.maximumCount, true), (1, DatabaseParameters.maximumCount + 1, false),
                ] {
                    let kind = await failureKind(pool) { (connection) throws(DatabaseError) in
                        var parameters = DatabaseParameters()
                        let value = [UInt8](repeating: 7, count: bytes)
                        for _ in 0..<count { parameters.append(value.span) }
                        try connection.execute("SELECT $1", parameters, deadline: soon())
                    }
                    #expect(kind == (isTaken ? nil : .tooLarge))
                }
            }
        }

        @Test("more rows than the caller wants end the answer, and the next call is served")
        func tooManyRows() async throws {
            try await withPool(settings(server.url())) { pool in
                for (rows, isTaken) in [(Int64(10), true), (11, false), (100_000_000, false)] {
                    let kind = await failureKind(pool) { (connection) throws(DatabaseError) in
                        var parameters = DatabaseParameters()
                        parameters.append(rows)
                        var seen = 0
                        try connection.query(
                            "SELECT generate_series(1, $1)",
                            parameters,
                            deadline: soon(),
                            maximumRows: 10
                        ) { (_) throws(DatabaseError) in seen += 1 }
                        #expect(seen == 10)
                    }
                    #expect(kind == (isTaken ? nil : .tooLarge))
                }
                same(try await pool.number("SELECT 1::int8"), 1)
            }
        }

        @Test("a statement says how many rows it changed, and identifiers are put into it in quotes")
        func affected() async throws {
            let table = try #require(DatabaseIdentifier("select"))
            try server.sql("DROP TABLE IF EXISTS public.\"select\"; CREATE TABLE public.\"select\" (a int8)")
            try server.sql("GRANT ALL ON public.\"select\" TO agent")
            try await withPool(settings(server.url())) { pool in
                same(try await pool.run("INSERT INTO \(table) SELECT generate_series(1, 5)"), 5)
                same(try await pool.run("UPDATE \(table) SET a = a + 1 WHERE a > 3"), 2)
                same(try await pool.run("DELETE FROM \(table) WHERE a > 100"), 0)
            }
        }

        @Test("names are looked up in the configured schema")
        func schema() async throws {
            try server.sql("DROP SCHEMA IF EXISTS apart CASCADE; CREATE SCHEMA apart AUTHORIZATION agent")
            try server.sql(
                "CREATE TABLE apart.only_here AS SELECT 5::int8 AS a; GRANT SELECT ON apart.only_here TO agent"
            )
            try await withPool(settings(server.url("currentSchema=apart"))) { pool in
                same(try await pool.number("SELECT a FROM only_here"), 5)
            }
            try await withPool(settings(server.url())) { pool in
                #expect(await pool.failure("SELECT a FROM only_here")?.kind == .missingTable)
            }
        }

        @Test("nothing but names is an identifier")
        func identifiers() {
            for name in ["", "1a", "a b", "a\"b", "A", "a;b", "ä", String(repeating: "a", count: 64)] {
                #expect(DatabaseIdentifier(name) == nil, "\(name)")
            }
            for name in ["a", "_1", String(repeating: "a", count: 63)] { #expect(DatabaseIdentifier(name) != nil) }
        }
    }

    /// What a call fails with; nil where it succeeds.
    func failureKind(
        _ pool: Pool,
        _ body: @escaping @Sendable (borrowing Connection) throws(DatabaseError) -> Void
    ) async -> DatabaseError.Kind? {
        do throws(DatabaseError) {
            try await pool.perform(deadline: soon(), body)
            return nil
        } catch {
            return error.kind
        }
    }
#endif
