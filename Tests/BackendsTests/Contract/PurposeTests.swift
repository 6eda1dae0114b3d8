import Foundation
import ManagerFakes
import ScriptedTime
import Secrets
import Testing

@testable import Backends

/// What a migration asks of its source, and a dry run of its target.
@Suite("Managers that are opened to be read make nothing and change nothing")
struct PurposeTests {
    private func expectNothing(_ backend: any SecretBackend) async throws {
        try await backend.connect()
        #expect(backend.capabilities.contains(.write), "it says what it could")
        #expect(backend.objection(to: SecretWrite(name: name("A")), bytes: 1) == nil)
        #expect(try await backend.list(ListQuery(tenant: "main", namespace: "", limit: 1)).entries.isEmpty)
        #expect(try await backend.namespaces(NamespaceQuery(limit: 1)).namespaces.isEmpty)
        #expect(try await backend.read(name("A")) == nil)
        await expectNoWrites(backend)
    }

    private func expectNoWrites(_ backend: any SecretBackend) async {
        await #expect(throws: BackendError.readOnly) { try await backend.write(name("A"), [1]) }
        await #expect(throws: BackendError.readOnly) { try await backend.delete(name("A")) }
    }

    @Test("a store that is not there") func emptyStore() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("folder/store.db")
        let reading = try store(path, options: { $0.purpose = .reading })
        await #expect(throws: BackendError.self) { try await reading.connect() }
        let rehearsing = try store(path, options: { $0.purpose = .rehearsing })
        try await expectNothing(rehearsing)
        for backend in [reading, rehearsing] { await backend.close() }
        #expect(!FileManager.default.fileExists(atPath: directory.file("folder")))
    }

    @Test("a database without tables", arguments: JDBCKind.allCases) func emptyDatabase(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let reading = try scene.backend(purpose: .reading)
        await #expect(throws: BackendError.self) { try await reading.connect() }
        let rehearsing = try scene.backend(purpose: .rehearsing)
        try await expectNothing(rehearsing)
        for backend in [reading, rehearsing] { await backend.close() }
        #expect(try scene.tables() == 0)
    }

    @Test("a database with tables under an older secret", arguments: JDBCKind.servers)
    func filledDatabase(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let old = try scene.backend()
        try await old.write(name("A"), [1])
        await old.close()
        let rows = try scene.sql("SELECT * FROM $TABLE; SELECT * FROM $STORE")
        for purpose in [ManagerPurpose.reading, .rehearsing] {
            let time = ScriptedTime(.waits)
            let backend = try scene.backend(
                secret: StoreSecret.second,
                previous: [StoreSecret.first],
                time: time.source,
                purpose: purpose
            )
            try await backend.connect()
            #expect(try await backend.read(name("A")) == [1])
            await expectNoWrites(backend)
            await backend.close()
            #expect(time.slept.isEmpty, "nothing is sealed again")
        }
        #expect(try scene.sql("SELECT * FROM $TABLE; SELECT * FROM $STORE") == rows)
    }

    @Test(
        "a database whose tables nobody has used yet keeps its place for a key check free",
        arguments: JDBCKind.servers
    )
    func unusedTables(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let first = try scene.backend()
        try await first.connect()
        await first.close()
        try scene.sql("UPDATE $STORE SET canary = NULL")
        for purpose in [ManagerPurpose.reading, .rehearsing] {
            let backend = try scene.backend(purpose: purpose)
            try await backend.connect()
            #expect(try await backend.read(name("A")) == nil)
            await backend.close()
        }
        #expect(try scene.sql("SELECT count(*) FROM $STORE WHERE canary IS NULL") == "1")
    }

    @Test("a cluster without the index") func emptyCluster() async throws {
        let scene = try ElasticsearchScene()
        let reading = try scene.backend(purpose: .reading)
        await #expect(throws: BackendError.self) { try await reading.connect() }
        try await expectNothing(try scene.backend(purpose: .rehearsing))
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" })
        let manual = try scene.backend("create-index: false", purpose: .rehearsing)
        await #expect(throws: BackendError.self) { try await manual.connect() }
    }

    @Test("an index under an older secret") func filledCluster() async throws {
        let scene = try ElasticsearchScene()
        try scene.fake.command("refresh-interval", ["seconds": 0])
        try await scene.backend().write(name("A"), [1])
        try scene.fake.clearRequests()
        for purpose in [ManagerPurpose.reading, .rehearsing] {
            let time = ScriptedTime(.waits)
            let backend = try scene.backend(
                secret: StoreSecret.second,
                "previous-secrets: ['\(ElasticsearchScene.secret)']",
                time: time.source,
                purpose: purpose
            )
            try await backend.connect()
            #expect(try await backend.read(name("A")) == [1])
            #expect(try await backend.namespaces(NamespaceQuery(limit: 1)).namespaces.count == 1)
            await expectNoWrites(backend)
            await backend.close()
            #expect(time.slept.isEmpty, "nothing is sealed again")
        }
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" || $0.path.contains("/_search") })
    }
}
