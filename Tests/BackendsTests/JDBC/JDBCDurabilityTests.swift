import DatabaseServers
import Foundation
import SecretMemory
import Secrets
import Testing

/// What several writers have been told, whatever happened to them and to their database.
@Suite("A store in a database survives", .serialized)
struct JDBCDurabilityTests {
    /// Writes that are acknowledged before the test ends.
    private static let wanted = 10_000
    private static let writers = 4

    /// A process that writes rows named after it.
    private struct Writer {
        let prefix: String
        let process: StoreProcess
        var acknowledged: Set<Int> = []
    }

    @Test(
        "kill -9 of writers and of the server loses no acknowledged write, halves none, and shows no value to anybody",
        .timeLimit(.minutes(8)),
        arguments: JDBCKind.allCases
    )
    func kills(kind: JDBCKind) async throws {
        let scene = try Self.scene(kind)
        let folder = try TemporaryDirectory()
        let file = folder.file("store.yml")
        let section = scene.section(more: ["statement-timeout: 4s"])
        let lines = section.split(separator: "\n").map { "      \($0)\n" }.joined()
        try "kestra:\n  secret:\n    type: jdbc\n    jdbc:\n\(lines)".write(
            toFile: file,
            atomically: false,
            encoding: .utf8
        )
        var ended: [Writer] = []
        var total = 0
        var round = 0
        while total < Self.wanted {
            round += 1
            var running = try (0..<Self.writers).map { number in
                let prefix = "W\(round)-\(number)"
                return Writer(prefix: prefix, process: try StoreProcess([file, "1000000", prefix]))
            }
            // The writers go on meanwhile: the moments are random although the counts are not quite.
            for index in running.indices {
                running[index].acknowledged.formUnion(
                    running[index].process.acknowledged(Int.random(in: 50...400))
                )
                if index % 2 == 0 { try Self.killServer(scene) }
            }
            for index in running.indices {
                running[index].acknowledged.formUnion(running[index].process.acknowledged(Int.random(in: 20...200)))
                running[index].acknowledged.formUnion(running[index].process.kill())
                total += running[index].acknowledged.count
            }
            ended += running
        }
        #expect(round > 1)
        try await Self.check(ended, in: scene)
        #expect(try Self.traces(of: "plaintext-for-nobody", in: scene) == [])
        withExtendedLifetime(scene) {}
    }

    private static func scene(_ kind: JDBCKind) throws -> JDBCScene {
        var options = DatabaseServerOptions()
        if kind == .mariaDB {
            // Kept from a process that is killed; everything that the server can log is on.
            options.settings = [
                "innodb-flush-log-at-trx-commit": "2", "log-bin": "binary", "server-id": "1",
                "general-log": "1", "slow-query-log": "1", "long-query-time": "0",
            ]
        }
        return try JDBCScene(own: kind, options: options)
    }

    private static func killServer(_ scene: JDBCScene) throws {
        try scene.server?.kill()
        try scene.server?.start()
    }

    /// Each row that was acknowledged is there, whole, and was written once.
    private static func check(_ writers: [Writer], in scene: JDBCScene) async throws {
        let backend = try scene.backend()
        for writer in writers {
            #expect(!writer.acknowledged.isEmpty)
            for number in writer.acknowledged where number % 2 == 0 {
                let found = try await value("\(writer.prefix)-\(number)", backend)
                #expect(
                    found?.number == number && found?.version == 1,
                    "\(writer.prefix) \(number): \(String(describing: found))"
                )
            }
            let shared = writer.acknowledged.filter { $0 % 2 == 1 }
            guard let last = shared.max() else { continue }
            let found = try #require(try await value("\(writer.prefix)-SHARED", backend))
            // Later ones may have been made, too, and were not acknowledged any more.
            #expect(found.number >= last)
            #expect(found.version >= shared.count && found.version <= found.number / 2 + 1, "\(found), \(shared.count)")
        }
        await backend.close()
    }

    private static func value(
        _ key: String,
        _ backend: any SecretBackend
    ) async throws -> (number: Int, version: Int)? {
        guard let fetched = try await backend.get(name(key, namespace: "company"), version: nil) else { return nil }
        var bytes: [UInt8] = []
        for index in fetched.value.bytes.indices { bytes.append(fetched.value.bytes[index]) }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ";")
        #expect(parts.count == 30 && Set(parts).count == 1, "a value is not whole")
        let number = try #require(parts.first?.split(separator: " ").last.flatMap { Int($0) })
        return (number, try #require(Int(fetched.version)))
    }

    /// Where a text stands that may stand nowhere: files, logs and dumps.
    private static func traces(of text: String, in scene: JDBCScene) throws -> [String] {
        switch scene.database {
        case .server(let server):
            let dump = try server.dump()
            #expect(
                scene.kind == .postgreSQL
                    ? dump.contains("W1-0-SHARED") : dump.contains("agent") || dump.contains("secret")
            )
            #expect(try !server.files(holding: "W1-0-SHARED").isEmpty)
            return try server.files(holding: text) + (dump.contains(text) ? ["the dump"] : [])
        case .file(let directory):
            let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            return try files.filter { file in
                let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.file(file)))
                return bytes.range(of: Data(text.utf8)) != nil
            }
        }
    }
}
