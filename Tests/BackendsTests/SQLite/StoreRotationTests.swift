import Backends
import Secrets
import Testing

@Suite("A store's secret")
struct StoreRotationTests {
    private let directory: TemporaryDirectory
    private let path: String
    private let keys = (0..<150).map { "KEY_\($0)" }

    init() async throws {
        directory = try TemporaryDirectory()
        path = directory.file("store.db")
        let backend = try store(path)
        for key in keys { try await backend.write(name(key), Array(key.utf8)) }
        _ = try await backend.delete(name(keys[3]))
        await backend.close()
    }

    @Test("a new secret with the old one beside it seals everything again, and versions stay")
    func rotation() async throws {
        let log = NoticeLog()
        let both = try store(path, keyring(StoreSecret.second, previous: [StoreSecret.first]), notices: log.handler)
        try await both.connect()
        await both.close()
        #expect(log.all.count == 1)
        #expect(log.all.first?.contains("149 values are sealed under the new secret") == true)

        let new = try store(path, keyring(StoreSecret.second))
        for key in keys where key != keys[3] { #expect(try await new.read(name(key)) == Array(key.utf8)) }
        #expect(try await new.write(name(keys[0]), [1]) == "2")
        await new.close()

        let old = try store(path)
        let error = await backendError { () throws(BackendError) in try await old.connect() }
        #expect(error?.kind == "denied")
        await old.close()
    }

    @Test("a row that cannot be opened is named and left, the others are sealed again")
    func unreadableRow() async throws {
        try RawDatabase(path).execute("UPDATE secret SET version = 9 WHERE name = 'KEY_7'")
        let log = NoticeLog()
        let both = try store(path, keyring(StoreSecret.second, previous: [StoreSecret.first]), notices: log.handler)
        try await both.connect()
        await both.close()
        #expect(log.all.contains { $0.contains("KEY_7") })
        #expect(log.all.last?.contains("148 values") == true)
        #expect(log.all.last?.contains("1 could not be opened") == true)
    }

    @Test("a second start has nothing left to do")
    func once() async throws {
        let log = NoticeLog()
        for _ in 0..<2 {
            let both = try store(path, keyring(StoreSecret.second, previous: [StoreSecret.first]), notices: log.handler)
            try await both.connect()
            await both.close()
        }
        #expect(log.all.count == 1)
    }

    @Test("a read-only store opens with a previous secret and writes nothing")
    func readOnly() async throws {
        let both = try store(
            path,
            keyring(StoreSecret.second, previous: [StoreSecret.first]),
            options: { $0.isReadOnly = true }
        )
        #expect(try await both.read(name(keys[0])) == Array(keys[0].utf8))
        await both.close()
        let old = try store(path)
        #expect(try await old.read(name(keys[0])) == Array(keys[0].utf8))
        await old.close()
    }
}
