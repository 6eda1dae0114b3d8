#if PostgreSQL
    import Databases
    import PoolCalls
    import PostgreSQL
    import SecretMemory
    import Testing

    @Suite("A database that means harm")
    struct HostileServerTests {
        private typealias Server = ScriptedServer

        /// What a call that reads numbers fails with; nil where it succeeds.
        private func failure(
            _ script: Server.Script,
            within duration: Duration = .seconds(5)
        ) async throws -> DatabaseError? {
            let server = try Server(script)
            let url = "jdbc:postgresql://127.0.0.1:\(server.port)/db?sslmode=disable&targetServerType=any"
            return try await withPool(settings(url)) { pool in
                do throws(DatabaseError) {
                    _ = try await pool.number("SELECT 1::int8", deadline: soon(duration))
                    return nil
                } catch {
                    return error
                }
            }
        }

        private func failure(answer: [UInt8], hangsUp: Bool = false) async throws -> DatabaseError? {
            try await failure(Server.Script(answer: answer, hangsUp: hangsUp))
        }

        @Test("one that plays by the rules is understood, so that the others below fail for what they do")
        func honest() async throws {
            let answer = Server.begun + Server.columns(1) + Server.row(Server.number(7, 8)) + Server.ended
            #expect(try await failure(answer: answer) == nil)
        }

        @Test("noise, a silent listener and one that hangs up are errors and no hang")
        func greetings() async throws {
            for greeting in [[UInt8](repeating: 0x41, count: 5000), Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)] {
                let error = try await failure(Server.Script(greeting: greeting), within: .seconds(1))
                #expect(error != nil)
            }
            #expect(try await failure(Server.Script(greeting: []), within: .milliseconds(300))?.kind == .timeout)
            let error = try await failure(Server.Script(greeting: Server.message("R", [0, 0, 0, 99])))
            #expect(error?.kind == .unreachable)
        }

        @Test("an answer that breaks off, or whose lengths lie, is a lost connection")
        func lengths() async throws {
            let start = Server.begun + Server.columns(1)
            for answer in [
                start + Server.row([1], length: 1000),
                start + Server.row([1], length: -7),
                start + Server.message("D", Server.number(40, 2)),
                Server.begun + Server.message("T", Server.number(3000, 2)),
                Server.message("Z", [], length: 1),
                Server.message("!", [], length: 1 << 30),
            ] {
                let kind = try await failure(answer: answer, hangsUp: true)?.kind
                #expect(kind == .lost || kind == .malformed || kind == .other, "\(String(describing: kind))")
            }
        }

        @Test("rows without end are too many, and notices without end cost no more than the deadline")
        func endless() async throws {
            var script = Server.Script(opening: Server.begun + Server.columns(1), isEndless: true)
            script.answer = Server.row(Server.number(7, 8))
            #expect(try await failure(script)?.kind == .tooLarge)
            script.opening = []
            script.answer = Server.message("N", Array("SNOTICE\0C00000\0Mnoise\0\0".utf8))
            #expect(try await failure(script, within: .seconds(1))?.kind == .timeout)
        }

        @Test("values of other widths and types than announced are malformed")
        func values() async throws {
            let start = Server.begun
            let wide = start + Server.columns(1) + Server.row([1, 2, 3]) + Server.ended
            #expect(try await failure(answer: wide)?.kind == .malformed)
            let other = start + Server.columns(1, type: 25) + Server.row([1]) + Server.ended
            #expect(try await failure(answer: other)?.kind == .malformed)
            let none = start + Server.columns(0) + Server.message("D", [0, 0]) + Server.ended
            #expect(try await failure(answer: none)?.kind == .malformed)
        }

        @Test("errors without a code, with controls and with details are told without all that")
        func errors() async throws {
            let details = Server.error([
                ("S", "ERROR"), ("C", "42501"), ("M", "no \u{1b}[31mway"), ("D", "s3cret"), ("H", "s3cret"),
                ("W", "s3cret"),
            ])
            let error = try await failure(answer: details + Server.message("Z", Array("I".utf8)))
            #expect(error?.kind == .missingPrivilege)
            #expect(error?.message == "no ?[31mway")
            let bare = try await failure(answer: Server.error([("M", "s3cret")]) + Server.message("Z", Array("I".utf8)))
            #expect(bare != nil)
            #expect(bare?.description.contains("s3cret") == false)
            let greeting = Server.error([("S", "FATAL"), ("C", "XX000"), ("M", "s3cret"), ("D", "s3cret")])
            let refused = try await failure(Server.Script(greeting: greeting))
            #expect(refused != nil)
            #expect(refused?.description.contains("s3cret") == false, "\(String(describing: refused))")
        }

        @Test("a copy that nobody asked for ends the connection")
        func copy() async throws {
            for type in ["G", "H", "W"] as [Character] {
                let answer = Server.begun + Server.message(type, [0] + Server.number(0, 2))
                let error = try await failure(answer: answer)
                #expect(error?.kind == .malformed || error?.kind == .lost || error?.kind == .timeout)
            }
        }
    }
#endif
