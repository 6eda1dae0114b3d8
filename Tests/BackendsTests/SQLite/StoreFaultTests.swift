import Backends
import Cryptography
import Foundation
import Secrets
import Testing

@Suite("A store says what is wrong")
struct StoreFaultTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() async throws {
        directory = try TemporaryDirectory()
        path = directory.file("store.db")
        let backend = try store(path)
        for index in 0..<60 { try await backend.write(name("KEY_\(index)"), [UInt8](repeating: 7, count: 500)) }
        await backend.close()
    }

    private func expectFailure(_ kind: String, _ words: String..., from backend: SQLiteBackend) async {
        let error = await backendError { () throws(BackendError) in try await backend.connect() }
        expect(error, kind, words)
        await backend.close()
    }

    private func expect(_ error: BackendError?, _ kind: String, _ words: [String]) {
        #expect(error?.kind == kind)
        let detail = error?.detail ?? ""
        for word in [path] + words { #expect(detail.contains(word), "\(detail)") }
    }

    @Test("a wrong secret is noticed when the store opens, and named by its identifier")
    func wrongSecret() async throws {
        let identifier = try keyring().currentIdentifier.description
        await expectFailure(
            "denied",
            "sqlite.secret",
            "sqlite.previous-secrets",
            identifier,
            from: try store(path, keyring(StoreSecret.second))
        )
    }

    @Test("a row that was moved to another key is refused, and its neighbours are not")
    func movedRow() async throws {
        let raw = try RawDatabase(path)
        try raw.execute(
            "UPDATE secret SET (envelope) = (SELECT envelope FROM secret WHERE name = 'KEY_2') WHERE name = 'KEY_1'"
        )
        let backend = try store(path)
        let error = await backendError { () throws(BackendError) in try await backend.read(name("KEY_1")) }
        expect(error, "malformed", ["KEY_1", "company.team", "changed outside the agent"])
        #expect(try await backend.read(name("KEY_2"))?.count == 500)
        await backend.close()
    }

    @Test("an altered envelope is refused")
    func alteredEnvelope() async throws {
        let raw = try RawDatabase(path)
        try raw.execute("UPDATE secret SET envelope = substr(envelope, 1, length(envelope) - 1) WHERE name = 'KEY_1'")
        let backend = try store(path)
        let error = await backendError { () throws(BackendError) in try await backend.read(name("KEY_1")) }
        expect(error, "malformed", ["KEY_1"])
        await backend.close()
    }

    @Test(
        "tags that are no object of texts are refused in a listing, and do not keep the value back",
        arguments: [
            "", "[]", "{", "{}x", "{\"a\":1}", "{\"a\":\"b\",}", "{\"a\" \"b\"}", "{\"a\":\"\\x\"}",
            "{\"a\":\"\\ud800\"}",
        ]
    )
    func alteredTags(tags: String) async throws {
        try RawDatabase(path).execute("UPDATE secret SET tags = '\(tags)' WHERE name = 'KEY_1'")
        let backend = try store(path)
        let query = ListQuery(tenant: "main", namespace: "company.team", limit: 100)
        let error = await backendError { () throws(BackendError) in try await backend.list(query) }
        expect(error, "malformed", ["KEY_1", "tags"])
        #expect(try await backend.read(name("KEY_1"))?.count == 500)
        await backend.close()
    }

    @Test("tags that another program wrote in its own style are read")
    func foreignTags() async throws {
        try RawDatabase(path).execute(
            "UPDATE secret SET tags = ' { \"a\\u00e4\" : \"\\ud83d\\udd11\\n\\/\" , \"b\":\"\" } ' WHERE name = 'KEY_1'"
        )
        let backend = try store(path)
        let query = ListQuery(tenant: "main", namespace: "company.team", prefix: "KEY_1", limit: 1)
        let tags = try await backend.list(query).entries.first?.tags
        #expect(tags == ["a\u{e4}": "\u{1f511}\n/", "b": ""])
        await backend.close()
    }

    @Test("an altered key check is refused when the store opens")
    func alteredCanary() async throws {
        try RawDatabase(path).execute("UPDATE canary SET envelope = substr(envelope, 1, length(envelope) - 1)")
        await expectFailure("malformed", "key check", from: try store(path))
    }

    @Test("an old row that is put back is refused until the restart")
    func rollback() async throws {
        let raw = try RawDatabase(path)
        try raw.execute("CREATE TABLE kept AS SELECT * FROM secret WHERE name = 'KEY_1'")
        try raw.execute("ATTACH '\(directory.file("kept.db"))' AS side; CREATE TABLE side.kept AS SELECT * FROM kept")
        try raw.execute("DROP TABLE main.kept")
        let backend = try store(path)
        #expect(try await backend.write(name("KEY_1"), [2]) == "2")
        try raw.execute(
            "UPDATE secret SET (version, envelope) = (SELECT version, envelope FROM side.kept) WHERE name = 'KEY_1'"
        )
        let reading = await backendError { () throws(BackendError) in try await backend.read(name("KEY_1")) }
        expect(reading, "malformed", ["older copy", "restart"])
        let writing = await backendError { () throws(BackendError) in try await backend.write(name("KEY_1"), [3]) }
        expect(writing, "malformed", ["older copy"])
        try raw.execute("DELETE FROM secret WHERE name = 'KEY_1'")
        let gone = await backendError { () throws(BackendError) in try await backend.read(name("KEY_1")) }
        expect(gone, "malformed", ["is gone"])
        await backend.close()
        let restarted = try store(path)
        #expect(try await restarted.read(name("KEY_1")) == nil)
        await restarted.close()
    }

    @Test("a locked file is unavailable for as long as the lock is held")
    func locked() async throws {
        let backend = try store(path)
        try await backend.connect()
        let raw = try RawDatabase(path)
        try raw.execute("BEGIN IMMEDIATE")
        let error = await backendError { () throws(BackendError) in try await backend.write(name("NEW"), [1]) }
        expect(error, "unavailable", ["locked by another process"])
        // Reading goes on meanwhile.
        #expect(try await backend.read(name("KEY_1"))?.count == 500)
        try raw.execute("ROLLBACK")
        #expect(try await backend.write(name("NEW"), [1]) == "1")
        await backend.close()
    }

    @Test("a file that is no database is refused and left as it was")
    func notADatabase() async throws {
        let text = Data(repeating: UInt8(ascii: "x"), count: 5000)
        try text.write(to: URL(fileURLWithPath: path))
        await expectFailure("malformed", "not an SQLite database", from: try store(path))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
    }

    @Test("another program's database is refused and left as it was")
    func otherDatabase() async throws {
        let other = directory.file("other.db")
        try RawDatabase(other).execute("CREATE TABLE t (a); PRAGMA application_id = 5")
        let before = try Data(contentsOf: URL(fileURLWithPath: other))
        let backend = try store(other)
        let error = await backendError { () throws(BackendError) in try await backend.connect() }
        #expect(error?.detail == "\(other) is an SQLite database of another program; correct sqlite.path")
        await backend.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == before)
    }

    @Test("a newer schema is refused")
    func newerSchema() async throws {
        try RawDatabase(path).execute("PRAGMA user_version = 2")
        await expectFailure("malformed", "schema version 2", "newer agent", from: try store(path))
    }

    @Test(
        "a trigger, a view or another table is refused",
        arguments: [
            "CREATE TRIGGER t AFTER INSERT ON secret BEGIN DELETE FROM canary; END",
            "CREATE VIEW v AS SELECT * FROM secret",
            "CREATE TABLE more (a)",
            "DROP TABLE canary; CREATE TABLE canary (id, envelope)",
        ]
    )
    func changedSchema(sql: String) async throws {
        try RawDatabase(path).execute(sql)
        await expectFailure("malformed", "changed by another program", from: try store(path))
    }

    @Test("damage in the middle of the file is noticed when the store opens", arguments: [1, 3, 5])
    func damaged(page: Int) async throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(page * 4096))
        try file.write(contentsOf: Data(repeating: 0xff, count: 200))
        try file.close()
        await expectFailure("malformed", "damaged", "backup", from: try store(path))
    }

    @Test("a file that was cut off is noticed when the store opens")
    func truncated() async throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 3 * 4096)
        try file.close()
        await expectFailure("malformed", "damaged", from: try store(path))
    }

    @Test("a store at its largest size refuses the write, and keeps what it had")
    func largestSize() async throws {
        let backend = try store(path, options: { $0.maximumFileBytes = 80 << 10 })
        var error: BackendError?
        var written = 0
        while error == nil, written < 200 {
            error = await backendError { () throws(BackendError) in
                try await backend.write(name("MORE_\(written)"), [UInt8](repeating: 1, count: 2000))
            }
            if error == nil { written += 1 }
        }
        expect(error, "unavailable", ["no space", "sqlite.maximum-size"])
        #expect(try await backend.read(name("KEY_1"))?.count == 500)
        if written > 0 { #expect(try await backend.read(name("MORE_\(written - 1)"))?.count == 2000) }
        await backend.close()
    }

    @Test("a disk that takes no more refuses the write, and keeps what was acknowledged")
    func fullDisk() async throws {
        // The limit on file sizes stands in for a full disk: the kernel refuses to extend the file in the same place.
        let process = try StoreProcess([path, "100000"], after: "trap '' XFSZ; ulimit -f 400")
        let acknowledged = process.acknowledged(100_000)
        let end = process.end()
        #expect(end.status == 4)
        #expect(end.errors.contains("no space for \(path)"))
        let backend = try store(path)
        for number in acknowledged where number % 2 == 0 {
            #expect(
                try await backend.read(name("KEY-\(number)", namespace: "company")) == Array("value \(number)".utf8)
            )
        }
        #expect(!acknowledged.isEmpty)
        await backend.close()
    }
}
