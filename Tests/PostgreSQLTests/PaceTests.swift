import Testing

@testable import Databases
@testable import PostgreSQL

@Suite("The pace of reconnecting")
struct PaceTests {
    private let error = DatabaseError(.unreachable, "db:5432: Connection refused")

    @Test("attempts are refused with the last reason for a while that doubles, up to a longest")
    func doubles() {
        var pace = ReconnectPace()
        var now = ContinuousClock.now
        #expect(pace.refusal(at: now) == nil)
        var delays: [Duration] = []
        for _ in 0..<8 {
            pace.failed(error, at: now, chance: 0.5)
            let delay = (1...6000).lazy.map { Duration.milliseconds($0) }
                .first { pace.refusal(at: now.advanced(by: $0)) == nil }
            #expect(pace.refusal(at: now) == error)
            delays.append(delay ?? .zero)
            now = now.advanced(by: delay ?? .zero)
        }
        #expect(delays == [100, 200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) })
    }

    @Test("nodes do not come all at once")
    func spread() {
        let now = ContinuousClock.now
        var (early, late) = (ReconnectPace(), ReconnectPace())
        early.failed(error, at: now, chance: 0)
        late.failed(error, at: now, chance: 1)
        #expect(early.refusal(at: now.advanced(by: .milliseconds(76))) == nil)
        #expect(late.refusal(at: now.advanced(by: .milliseconds(124))) != nil)
    }

    @Test("a success forgets the failures")
    func success() {
        let now = ContinuousClock.now
        var pace = ReconnectPace()
        pace.failed(error, at: now, chance: 0.5)
        pace.succeeded()
        #expect(pace.refusal(at: now) == nil)
    }
}

@Suite("What a database says is passed on")
struct MessageTests {
    @Test("where it names objects, and not where it could quote what was sent")
    func classes() {
        func text(_ state: String, _ primary: String, constraint: String? = nil) -> String {
            ServerMessage.text(state: state, primary: primary, table: nil, constraint: constraint)
        }
        #expect(text("42501", "permission denied for table secret") == "permission denied for table secret")
        #expect(!text("22P02", "invalid input syntax for type integer: \"s3cret\"").contains("s3cret"))
        #expect(!text("P0001", "s3cret").contains("s3cret"))
        #expect(!text("XX000", "s3cret").contains("s3cret"))
        #expect(!text("23505", "s3cret", constraint: "secret_pkey").contains("s3cret"))
        #expect(text("23505", "s3cret", constraint: "secret_pkey").contains("\"secret_pkey\""))
    }

    @Test("in one line of bounded length, without control characters")
    func shape() {
        let long = ServerText.printable("a\u{1b}[31mb\r" + String(repeating: "c", count: 1000) + "\nsecond")
        #expect(long.hasPrefix("a?[31mb?c"))
        #expect(long.count == ServerText.limit)
    }

    @Test("with the code of a server's refusal to connect, in any language and with any place before it")
    func codes() {
        let words = """
            connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  28P01: password authentication failed
            LOCATION:  auth_failed, auth.c:331
            """
        #expect(
            ConnectionRefusal.error(words)
                == DatabaseError(.refusedLogin, "password authentication failed", state: "28P01")
        )
        let foreign = "connection to server at \"db\", port 1 failed: SCHWERWIEGEND:  53300: zu viele Verbindungen"
        #expect(ConnectionRefusal.error(foreign).kind == .exhausted)
        // A server that names itself like an error must not be able to choose the kind with a name's text.
        #expect(ConnectionRefusal.error("could not translate host name \"a:  28P01\": x").kind == .unreachable)
    }
}
