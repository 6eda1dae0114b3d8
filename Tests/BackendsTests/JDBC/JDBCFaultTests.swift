import DatabaseServers
import Foundation
import Secrets
import Testing

@Suite("A database that fails", .serialized)
struct JDBCFaultTests {
    private static let hasty = ["connect-timeout: 500ms", "statement-timeout: 500ms"]

    /// A server of the test's own, with a value in it.
    private func scene(_ kind: JDBCKind) async throws -> JDBCScene {
        let scene = try JDBCScene(own: kind)
        let backend = try scene.backend()
        try await backend.write(name("KEY"), [1])
        await backend.close()
        return scene
    }

    // MARK: The server's life

    @Test(
        "is unavailable while it is away, and served again without a restart of the agent",
        arguments: JDBCKind.servers
    )
    func killed(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        let backend = try scene.backend()
        #expect(try await backend.read(name("KEY")) == [1])
        let server = try #require(scene.server)
        try server.kill()
        let away = await backend.failure()
        #expect(away?.kind == "unavailable", "\(String(describing: away))")
        #expect(away?.detail.contains("localhost:\(server.port)") == true || away?.detail.contains("lost") == true)
        try server.start()
        try await until("it is back") { await backend.failure() == nil }
        #expect(try await backend.write(name("KEY"), [2]) == "2")
        await backend.close()
    }

    @Test("costs no more than its time-outs where it hangs, and is served again", arguments: JDBCKind.servers)
    func hanging(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        let backend = try scene.backend(more: Self.hasty)
        #expect(try await backend.read(name("KEY")) == [1])
        let server = try #require(scene.server)
        try server.pause()
        let start = ContinuousClock.now
        #expect(await backend.failure()?.kind == "unavailable")
        let write = await backendError { () throws(BackendError) in try await backend.write(name("KEY"), [2]) }
        #expect(write?.kind == "unavailable")
        #expect(start.duration(to: .now) < .seconds(12))
        try server.resume()
        try await until("it answers again") { await backend.failure() == nil }
        await backend.close()
    }

    @Test(
        "a lost answer to a write that was kept is neither a lost write nor a second one",
        arguments: JDBCKind.servers
    )
    func lostAnswer(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        let port = try #require(scene.server).port
        let proxy = try MutedProxy(to: port)
        let url = scene.url.replacingOccurrences(of: ":\(port)/", with: ":\(proxy.port)/")
        let backend = try scene.backend(url: url, more: ["pool-size: 1", "statement-timeout: 20s"])
        #expect(try await backend.read(name("KEY")) == [1])
        for (isDeletion, version) in [(false, "2"), (true, "3")] {
            let lock = try await RowLock("KEY", in: scene)
            let task = Task { () throws(BackendError) -> String in
                guard isDeletion else { return try await backend.write(name("KEY"), [2]) }
                return try await backend.delete(name("KEY")) ? "3" : "there was none"
            }
            try await lock.waitForOthers()
            proxy.mute()
            try lock.release()
            try await until("the write is kept") {
                try scene.sql("SELECT version FROM $TABLE WHERE name = 'KEY'") == version
            }
            proxy.cutAll()
            #expect(try await task.value == version)
            #expect(try scene.sql("SELECT version FROM $TABLE WHERE name = 'KEY'") == version)
            #expect(try await backend.read(name("KEY")) == (isDeletion ? nil : [2]))
        }
        await backend.close()
    }

    @Test("the next of several hosts is used", arguments: JDBCKind.servers)
    func failover(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        let url = scene.url.replacingOccurrences(of: "//localhost:", with: "//localhost:1,localhost:")
        let backend = try scene.backend(url: url)
        #expect(try await backend.read(name("KEY")) == [1])
        await backend.close()
    }

    // MARK: What it refuses

    @Test("a wrong password is the operator's to correct, and is not shown", arguments: JDBCKind.servers)
    func password(kind: JDBCKind) async throws {
        let backend = try JDBCScene(kind).backend(more: ["password: not-this-one"])
        let error = await backend.failure()
        #expect(error?.kind == "denied")
        #expect(error?.detail.contains("jdbc.password") == true && error?.detail.contains("not-this-one") == false)
        await backend.close()
    }

    @Test("a server that cannot prove who it is gets nothing", arguments: JDBCKind.servers)
    func authority(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let other = try #require(scene.server).otherAuthorityFile
        let url = scene.url.split(separator: "?").first.map(String.init) ?? ""
        let backend = try scene.backend(url: url, more: ["ssl-root-cert: \(other)"])
        let error = await backend.failure()
        #expect(
            error?.kind == "unavailable" && error?.detail.contains("nothing was sent") == true,
            "\(String(describing: error))"
        )
        await backend.close()
    }

    @Test("a server without TLS gets nothing unless that is allowed", arguments: JDBCKind.servers)
    func clearText(kind: JDBCKind) async throws {
        var options = DatabaseServerOptions()
        options.speaksTLS = false
        let scene = try JDBCScene(own: kind, options: options)
        let proven = try scene.backend()
        #expect(await proven.failure()?.kind == "unavailable")
        await proven.close()
        let allowed = try scene.backend(more: ["ssl-mode: disable", "allow-insecure-transport: true"])
        #expect(try await allowed.write(name("KEY"), [1]) == "1")
        await allowed.close()
    }

    @Test("too many connections are waited for", arguments: JDBCKind.servers)
    func connections(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        let (limited, free) =
            kind == .postgreSQL
            ? ("ALTER ROLE agent CONNECTION LIMIT 1", "ALTER ROLE agent CONNECTION LIMIT -1")
            : (
                "ALTER USER 'agent'@'%' WITH MAX_USER_CONNECTIONS 1",
                "ALTER USER 'agent'@'%' WITH MAX_USER_CONNECTIONS 0"
            )
        try scene.sql(limited)
        let first = try scene.backend(more: ["pool-size: 1"])
        try await until("the connection of before has ended") { await first.failure() == nil }
        let second = try scene.backend()
        guard case .unavailable(let detail, let retryAfter) = await second.failure() else {
            Issue.record("it was not refused")
            return
        }
        #expect(retryAfter != nil, "\(detail)")
        try scene.sql(free)
        try await until("there is room") { await second.failure() == nil }
        await first.close()
        await second.close()
    }

    @Test("a lock that others hold too long is a refusal, and the next write succeeds", arguments: JDBCKind.servers)
    func lockTimeout(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        let backend = try scene.backend()
        let lock = try await RowLock("KEY", in: scene)
        let error = await backendError { () throws(BackendError) in try await backend.write(name("KEY"), [2]) }
        #expect(error?.kind == "unavailable", "\(String(describing: error))")
        // Reading goes on meanwhile.
        #expect(try await backend.read(name("KEY")) == [1])
        try lock.release()
        #expect(try await backend.write(name("KEY"), [3]) == "2")
        await backend.close()
    }

    @Test("a write that the server undid because of another is made again", arguments: JDBCKind.servers)
    func undone(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        // Counters that are not undone with the statement.
        switch kind {
        case .postgreSQL:
            try scene.sql(
                """
                CREATE SEQUENCE agent.tries; GRANT ALL ON SEQUENCE agent.tries TO agent;
                CREATE FUNCTION agent.hinder() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF nextval('agent.tries') <= 2 THEN
                    RAISE EXCEPTION 'in the way' USING ERRCODE = '40001';
                  END IF;
                  RETURN NEW;
                END $$;
                CREATE TRIGGER hinder BEFORE UPDATE ON $TABLE FOR EACH ROW EXECUTE FUNCTION agent.hinder();
                """
            )
        default:
            try scene.sql(
                """
                CREATE SEQUENCE tries;
                DELIMITER //
                CREATE TRIGGER hinder BEFORE UPDATE ON $TABLE FOR EACH ROW BEGIN
                  IF NEXT VALUE FOR tries <= 2 THEN
                    SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'in the way';
                  END IF;
                END //
                """
            )
        }
        let backend = try scene.backend()
        #expect(try await backend.write(name("KEY"), [2]) == "2")
        #expect(try await backend.read(name("KEY")) == [2])
        await backend.close()
    }

    @Test(
        "a server that takes no writes any more is looked past, and read by agents that only read",
        arguments: JDBCKind.servers
    )
    func readOnlyServer(kind: JDBCKind) async throws {
        let scene = try await scene(kind)
        let backend = try scene.backend()
        #expect(try await backend.read(name("KEY")) == [1])
        func allow(_ mayWrite: Bool) throws {
            if kind == .postgreSQL {
                try scene.sql(
                    """
                    ALTER DATABASE tacit SET default_transaction_read_only = \(mayWrite ? "off" : "on");
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'agent'
                    """
                )
            } else {
                try scene.sql("SET GLOBAL read_only = \(mayWrite ? 0 : 1)")
            }
        }
        try allow(false)
        let error = await backendError { () throws(BackendError) in try await backend.write(name("KEY"), [2]) }
        #expect(
            error?.kind == "unavailable" && error?.detail.contains("primary") == true,
            "\(String(describing: error))"
        )
        let reader = try scene.backend(readOnly: true)
        #expect(try await reader.read(name("KEY")) == [1])
        await reader.close()
        if kind == .postgreSQL {
            try scene.sql(
                "SET default_transaction_read_only = off; ALTER DATABASE tacit RESET default_transaction_read_only"
            )
        } else {
            try allow(true)
        }
        try await until("it takes writes again") {
            await backendError { () throws(BackendError) in try await backend.write(name("OTHER"), [2]) } == nil
        }
        await backend.close()
    }
}
