import Foundation
import ManagerFakes
import Testing

/// Ten thousand secrets, and whatever ends the process meanwhile.
@Suite("tacit migrate, interrupted") struct MigrateManyTests {
    private static let count = 10_000

    enum Target: CaseIterable {
        case vault
        case database

        func start() throws -> any MigrationTarget {
            switch self {
            case .vault: try VaultTarget()
            case .database: try DatabaseTarget()
            }
        }
    }

    @Test("copies ten thousand secrets, killed and told to stop on the way", arguments: Target.allCases)
    func interruptedTwice(kind: Target) throws {
        let scene = try MigrationScene()
        let target = try kind.start()
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", target.secret)
        let numbers = 0..<Self.count
        try scene.seed(
            "from",
            Dictionary(uniqueKeysWithValues: numbers.map { (MigrationScene.key($0), MigrationScene.value($0)) })
        )

        let killed = try interrupt(scene, after: 1_000, SIGKILL)
        #expect(killed.status == 128 + SIGKILL)
        #expect(try scene.workspace.mode(of: "tacit-migrate.journal") == 0o600)
        let stopped = try interrupt(scene, after: 3_000, SIGTERM)
        #expect(stopped.status == 128 + SIGTERM, "\(stopped.errors)")
        #expect(stopped.errors.contains("the same command again goes on from there"))
        #expect(stopped.errors.contains("were copied before"))

        let last = try scene.migrate("from", "to", "--json")
        #expect(last.status == 0, "\(last.errors)")
        let plan = try #require(try last.object()["plan"] as? [String: Any])
        let before = try #require(plan["copied_before"] as? Int)
        #expect(before >= 3_000)
        #expect(before < Self.count)
        #expect(plan["different"] as? Int == 0)
        #expect(!scene.exists("tacit-migrate.journal"), "there is nothing left to go on with")

        var wrong: [String] = []
        for number in numbers where try target.value(MigrationScene.key(number)) != MigrationScene.value(number) {
            wrong.append(MigrationScene.key(number))
        }
        #expect(wrong.isEmpty, "\(wrong.count) differ")
        #expect(try scene.filesWithNeedle() == [])
        #expect(try target.filesWithNeedle() == [])
        for outcome in [killed, stopped, last] {
            #expect(!outcome.errors.contains(MigrationScene.needle) && !outcome.text.contains(MigrationScene.needle))
        }

        let again = try scene.migrate("from", "to", "--dry-run", "--json")
        #expect(again.status == 0)
        #expect((try again.object()["plan"] as? [String: Any])?["equal"] as? Int == Self.count)
    }

    /// Sends the signal once the journal names so many secrets as finished.
    private func interrupt(_ scene: MigrationScene, after finished: Int, _ signal: Int32) throws -> Outcome {
        let run = try scene.start("from", "to")
        let journal = scene.workspace.path("tacit-migrate.journal")
        let isThere = run.wait(seconds: 120) {
            let lines = FileManager.default.contents(atPath: journal).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return lines.split(separator: "\n").count { $0.hasPrefix("finished") } >= finished
        }
        try #require(isThere, "\(run.errorsSoFar)")
        run.signal(signal)
        return try run.finish()
    }
}
