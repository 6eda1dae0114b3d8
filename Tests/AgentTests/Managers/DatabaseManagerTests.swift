import DatabaseServers
import Foundation
import TacitClient
import Testing
import Wire

/// The whole agent in front of a real database that holds its secrets.
@Suite("A database as the manager, and its agent", .onItsOwnThread)
struct DatabaseManagerTests {
    @Test("a burst of workers is answered with one read for each key and level", arguments: DatabaseServerKind.allCases)
    func burst(kind: DatabaseServerKind) throws {
        let server = try kind.start()
        let scene = try ServedProgram(secret: server.secret("cache: {expire-after-write: 10m, expire-not-found: 10m}"))
        let keys = (0..<5).map { "KEY_\($0)" }
        try scene.put(Dictionary(uniqueKeysWithValues: keys.map { ($0, "value of \($0)") }), in: "company")
        _ = try scene.program.end()
        try scene.program.restart()
        let before = server.reads
        let answers = Recorded<[String]>()
        let options = try scene.options()
        let threads = Threads()
        for _ in 0..<128 {
            threads.start {
                var client = try TacitClient(options)
                let batch = try client.get(keys.map { Reference($0, in: "company.team.project") })
                var found: [String] = []
                batch.forEach { _, result in
                    switch result {
                    case .found(let secret): found.append(Answer.text(secret.value))
                    case .refused(let refusal): found.append("refused: \(refusal.reason)")
                    }
                }
                answers.append(found)
            }
        }
        try threads.join()
        #expect(answers.all.count == 128)
        #expect(answers.all.allSatisfy { $0 == keys.map { "value of \($0)" } }, "\(answers.all.first ?? [])")
        if let before, let after = server.reads { #expect(after > before && after - before <= 3 * keys.count) }
        #expect(try scene.program.end() == 0)
    }

    @Test(
        "stale values for as long as is allowed, health that says so, and no restart",
        arguments: DatabaseServerKind.allCases
    )
    func outage(kind: DatabaseServerKind) throws {
        let server = try kind.start()
        let port = UInt16.random(in: 20_000..<30_000)
        let scene = try ServedProgram(
            secret: server.secret("cache: {expire-after-write: 1s, serve-stale-for: 4s}"),
            kestra: "retries: {attempts: 1, delay: 50ms}",
            health: "127.0.0.1:\(port)"
        )
        try scene.put(["KEY": "made up"], in: "company.team")
        #expect(try scene.get("KEY") == .value("made up", .fresh, ageSeconds: 0))
        try server.kill()
        try waitUntil("a stale value is served") {
            if case .value("made up", .stale, let age) = try scene.get("KEY") { age >= 1 } else { false }
        }
        let health = try HealthPage(port, "/health")
        #expect(health.status == 200 && health.part("backends") == "DOWN" && health.state == "UP")
        try waitUntil("it is too old to be served") { try scene.get("KEY") == .refused("BACKEND_UNAVAILABLE") }
        #expect(try HealthPage(port, "/health/readiness").status == 200)
        try server.start()
        try waitUntil("it is back", seconds: 60) {
            if case .value("made up", .fresh, _) = try scene.get("KEY") { true } else { false }
        }
        #expect(try HealthPage(port, "/health").part("backends") == "UP")
        #expect(scene.program.log.contains("the secrets manager failed"))
        #expect(!scene.program.log.contains("a-password-for-tests-only"))
    }
}

extension DatabaseServer {
    /// Statements that read a row, as the server's log shows them; nil where it has none.
    fileprivate var reads: Int? {
        guard self is PostgreSQLServer else { return nil }
        return log().components(separatedBy: "execute <unnamed>: SELECT version, envelope").count - 1
    }
}
