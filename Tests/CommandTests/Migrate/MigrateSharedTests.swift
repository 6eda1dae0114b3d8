import DatabaseServers
import Foundation
import ManagerFakes
import Testing

/// Stores of sealed values that several machines share.
@Suite("tacit migrate, to and from a store on a server") struct MigrateSharedTests {
    private static let three = [
        "FIRST": MigrationScene.value(1), "SECOND": MigrationScene.value(2), "THIRD": MigrationScene.value(3),
    ]
    private let scene: MigrationScene

    init() throws {
        scene = try MigrationScene()
        try scene.configure("store", MigrationScene.sqlite("store.db"))
        try scene.seed("store", Self.three)
    }

    private func new(_ outcome: Outcome) throws -> Int? {
        try #require(try outcome.object()["plan"] as? [String: Int], "\(outcome.errors)")["new"]
    }

    @Test(
        "a database: a dry run makes no tables and says what would be done, and all comes back from it without --namespace"
    )
    func database() throws {
        let target = try DatabaseTarget()
        try scene.configure("database", target.secret)
        let asSource = try scene.migrate("database", "store", "--dry-run")
        #expect(asSource.status == 2, "\(asSource.errors)")
        let rehearsal = try scene.migrate("store", "database", "--dry-run", "--json")
        #expect(rehearsal.status == 0, "\(rehearsal.errors)")
        #expect(try new(rehearsal) == 3)
        #expect(try target.tables() == 0)

        let run = try scene.migrate("store", "database")
        #expect(run.status == 0, "\(run.errors)")
        for (key, value) in Self.three { #expect(try target.value(key) == value, "\(key)") }
        #expect(try !target.server.files(holding: "THIRD").isEmpty, "names are found by the search that finds no value")
        #expect(try target.filesWithNeedle() == [])
        let rows = try target.server.sql("SELECT * FROM agent.secret ORDER BY name; SELECT * FROM agent.secret_store")

        try scene.configure("back", MigrationScene.sqlite("back.db"))
        let back = try scene.migrate("database", "back", "--json")
        #expect(back.status == 0, "\(back.errors)")
        #expect(try new(back) == 3)
        #expect(
            try target.server.sql("SELECT * FROM agent.secret ORDER BY name; SELECT * FROM agent.secret_store") == rows
        )
    }

    @Test(
        "Elasticsearch: a dry run makes no index and says what would be done, and all comes back from it without --namespace"
    )
    func elasticsearch() throws {
        let fake = try FakeServer(.elasticsearch)
        try fake.command("refresh-interval", ["seconds": 0])
        try scene.configure("cluster", fake.secret())
        let rehearsal = try scene.migrate("store", "cluster", "--dry-run", "--json")
        #expect(rehearsal.status == 0, "\(rehearsal.errors)")
        #expect(try new(rehearsal) == 3)
        #expect(try fake.requests().allSatisfy { $0.method == "GET" })
        let run = try scene.migrate("store", "cluster")
        #expect(run.status == 0, "\(run.errors)")

        try scene.configure("back", MigrationScene.sqlite("back.db"))
        try fake.clearRequests()
        let back = try scene.migrate("cluster", "back", "--json")
        #expect(back.status == 0, "\(back.errors)")
        #expect(try new(back) == 3)
        let changing = try fake.requests().filter { $0.method == "PUT" || $0.path.contains("_create") }
        #expect(changing.isEmpty)
        #expect(try scene.filesWithNeedle() == [])
    }
}
