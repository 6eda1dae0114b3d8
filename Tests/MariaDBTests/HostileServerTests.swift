#if MariaDB
    import Databases
    import PoolCalls
    import MariaDB
    import SecretMemory
    import Testing

    @Suite("A MariaDB that means harm")
    struct HostileServerTests {
        /// The bytes of all columns of a row together, or why there are none.
        private func read(_ server: ScriptedServer) async throws -> Result<Int, DatabaseError> {
            let url = "jdbc:mysql://127.0.0.1:\(server.port)/db?sslMode=disable&targetServerType=any"
            return try await withPool(settings(url)) { pool in
                do throws(DatabaseError) {
                    let deadline = soon(.seconds(5))
                    return .success(
                        try await pool.perform(deadline: deadline) { (connection) throws(DatabaseError) in
                            var count = 0
                            try connection.query("SELECT a", deadline: deadline) { (row) throws(DatabaseError) in
                                for column in 0..<row.columns {
                                    count += try row.withBytes(at: column) { (bytes) throws(DatabaseError) in
                                        bytes?.count ?? 0
                                    }
                                }
                            }
                            return count
                        }
                    )
                } catch {
                    return .failure(error)
                }
            }
        }

        private func expectMalformed(_ outcome: Result<Int, DatabaseError>) {
            guard case .failure(let error) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(error.kind == .malformed)
        }

        @Test("one that plays by the rules is understood, so that the others below fail for what they do")
        func honest() async throws {
            #expect(try await read(ScriptedServer(row: [3, 1, 2, 3])) == .success(3))
            #expect(try await read(ScriptedServer(row: [1, 1, 2, 2, 2], prepared: 2, columns: 2)) == .success(3))
        }

        @Test(
            "a column that claims more bytes than came with it is an error, and nothing beside it is read",
            arguments: [
                [4, 1, 2, 3], [0xfc, 0xff, 0xff, 1, 2], [0xfd, 0, 0, 0x10, 1],
                [0xfe, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1],
            ] as [[UInt8]]
        )
        func overlong(row: [UInt8]) async throws {
            expectMalformed(try await read(ScriptedServer(row: row)))
        }

        @Test(
            "an answer with other columns than were announced is read as it came, or refused",
            arguments: [(1, 40), (40, 1), (0, 2)]
        )
        func otherColumns(prepared: Int, columns: Int) async throws {
            let row = (0..<columns).flatMap { _ in [2, 7, 7] as [UInt8] }
            let outcome = try await read(ScriptedServer(row: row, prepared: prepared, columns: columns))
            switch outcome {
            case .success(let count): #expect(count == columns * 2)
            case .failure(let error): #expect(error.kind == .malformed)
            }
        }
    }
#endif
