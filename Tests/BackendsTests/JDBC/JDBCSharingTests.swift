import ScriptedTime
import Secrets
import Testing

@Suite("Agents that share a store in a database", .serialized)
struct JDBCSharingTests {
    @Test("lose no write of each other", arguments: JDBCKind.allCases)
    func writers(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let backends = try (0..<2).map { _ in try scene.backend() }
        for backend in backends { try await backend.connect() }
        try await expectNoWriteIsLost(backends, tasks: 6, writes: 20)
        for backend in backends { await backend.close() }
        withExtendedLifetime(scene) {}
    }

    @Test(
        "seal everything again under a new secret while they serve, and need the old one no more",
        arguments: JDBCKind.allCases
    )
    func rotation(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let keys = (0..<150).map { "KEY_\($0)" }
        let old = try scene.backend()
        for key in keys { try await old.write(name(key), Array(key.utf8)) }
        _ = try await old.delete(name(keys[3]))
        await old.close()

        let (log, time) = (NoticeLog(), ScriptedTime(.waits))
        // Two at once, as after a change of the configuration of a fleet.
        let both = try (0..<2).map { _ in
            try scene.backend(
                secret: StoreSecret.second,
                previous: [StoreSecret.first],
                time: time.source,
                notices: log.handler
            )
        }
        for backend in both { try await backend.connect() }
        #expect(try await both[0].read(name(keys[149])) == Array(keys[149].utf8))
        #expect(try await both[1].write(name(keys[0]), [1]) == "2")
        if kind != .sqlite {
            await time.sleepers(2)
            time.advance(by: .seconds(20))
        }
        try await until("everything is sealed again") { log.all.contains { $0.contains("any more") } }
        for backend in both { await backend.close() }
        #expect(!log.all.contains { $0.contains("could not be opened") })

        let new = try scene.backend(secret: StoreSecret.second)
        for key in keys.dropFirst() where key != keys[3] {
            #expect(try await new.read(name(key)) == Array(key.utf8))
        }
        #expect(try await new.write(name(keys[1]), [1]) == "2")
        await new.close()
        let late = try scene.backend()
        let error = await backendError { () throws(BackendError) in try await late.connect() }
        #expect(error?.kind == "denied")
        await late.close()
        withExtendedLifetime(scene) {}
    }

    @Test("a value that does not open is named, and the others are sealed again", arguments: JDBCKind.servers)
    func unreadable(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let old = try scene.backend()
        for key in ["ONE", "TWO"] { try await old.write(name(key), [1]) }
        await old.close()
        try scene.sql("UPDATE $TABLE SET version = 9 WHERE name = 'ONE'")
        let log = NoticeLog()
        let both = try scene.backend(secret: StoreSecret.second, previous: [StoreSecret.first], notices: log.handler)
        try await both.connect()
        try await until("it is over") { log.all.contains { $0.contains("could not be opened") } }
        #expect(log.all.contains { $0.contains("1 values are sealed under the new secret") })
        #expect(log.all.contains { $0.contains("ONE") })
        #expect(log.all.last?.contains("1 values could not be opened") == true)
        await both.close()
    }

    @Test("in the middle of a change, leave what others sealed under the next secret", arguments: JDBCKind.servers)
    func next(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let oldest = try scene.backend(secret: StoreSecret.third)
        for key in ["ONE", "TWO"] { try await oldest.write(name(key), Array(key.utf8)) }
        await oldest.close()
        let ahead = try scene.backend(
            secret: StoreSecret.second,
            previous: [StoreSecret.third],
            more: ["next-secret: \(StoreSecret.first)"]
        )
        try await ahead.write(name("AHEAD"), Array("AHEAD".utf8))
        try await until("all is sealed by the agent that is ahead") { try scene.sealed() == [3] }
        await ahead.close()

        // It looks for what is under its own previous secret, and may not take what the other has sealed.
        let (log, time) = (NoticeLog(), ScriptedTime(.waits))
        let behind = try scene.backend(
            secret: StoreSecret.first,
            previous: [StoreSecret.third],
            more: ["next-secret: \(StoreSecret.second)"],
            time: time.source,
            notices: log.handler
        )
        #expect(try await behind.read(name("AHEAD")) == Array("AHEAD".utf8))
        #expect(try await behind.write(name("BEHIND"), Array("BEHIND".utf8)) == "1")
        for _ in 0..<2 {
            await time.sleepers(1)
            time.advance(by: .seconds(600))
        }
        await time.sleepers(1)
        #expect(try scene.sealed() == [1, 3])
        #expect(!log.all.contains { $0.contains("are sealed under the new secret") })
        await behind.close()

        // The last step: the one that was behind has the new secret, too.
        let last = try scene.backend(secret: StoreSecret.second, previous: [StoreSecret.first])
        try await last.connect()
        try await until("all is sealed under the new secret") { try scene.sealed() == [4] }
        await last.close()
        let alone = try scene.backend(secret: StoreSecret.second)
        for key in ["ONE", "TWO", "AHEAD", "BEHIND"] { #expect(try await alone.read(name(key)) == Array(key.utf8)) }
        await alone.close()
    }

    @Test("in a file, too, seal again what another sealed under the old secret after the change")
    func file() async throws {
        let scene = try JDBCScene(.sqlite)
        let old = try scene.backend(more: ["next-secret: \(StoreSecret.second)"])
        try await old.write(name("ONE"), [1])
        let new = try scene.backend(secret: StoreSecret.second, previous: [StoreSecret.first])
        try await new.connect()
        try await old.write(name("TWO"), [2])
        for backend in [old, new] { await backend.close() }
        let again = try scene.backend(secret: StoreSecret.second, previous: [StoreSecret.first])
        try await again.connect()
        await again.close()
        let alone = try scene.backend(secret: StoreSecret.second)
        #expect(try await alone.read(name("ONE")) == [1])
        #expect(try await alone.read(name("TWO")) == [2])
        await alone.close()
    }

    @Test("labels are set for all that is written, and hide what has others", arguments: JDBCKind.allCases)
    func tags(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let red = try scene.backend(more: ["tags: {team: red}"])
        let blue = try scene.backend(more: ["tags: {team: blue}"])
        for index in 0..<6 {
            let backend = index % 2 == 0 ? red : blue
            try await backend.write(name("KEY_\(index)"), [UInt8(index)])
        }
        let reader = try scene.backend(more: ["filter-on-tags: {tags: {team: red}}"], readOnly: true)
        var (found, hasMore) = ([SecretEntry](), true)
        while hasMore {
            let query = ListQuery(tenant: "main", namespace: "company.team", after: found.last?.key ?? "", limit: 1)
            let page = try await reader.list(query)
            found += page.entries
            hasMore = page.hasMore
        }
        #expect(found.map(\.key) == ["KEY_0", "KEY_2", "KEY_4"])
        #expect(found.allSatisfy { $0.tags == ["team": "red"] })
        #expect(try await reader.read(name("KEY_2")) == [2])
        #expect(try await reader.read(name("KEY_1")) == nil)
        for backend in [red, blue, reader] { await backend.close() }
        withExtendedLifetime(scene) {}
    }
}
