import Foundation
import ManagerFakes
import Testing
import Wire

/// What an agent does while its manager is away. How long things last is shown with a scripted clock elsewhere; here the whole
/// program goes through it once, in seconds.
@Suite("A manager that is away, and its agent", .onItsOwnThread)
struct OutageTests {
    @Test(arguments: [FakeServer.Kind.vault, .cyberark, .conjur, .ccp, .elasticsearch])
    func `stale values for as long as is allowed, health that says so, readiness as before, and no restart`(
        kind: FakeServer.Kind
    ) throws {
        let port = UInt16.random(in: 20_000..<30_000)
        let scene = try ManagedProgram(
            FakeServer(kind),
            "cache: {expire-after-write: 1s, serve-stale-for: 4s}",
            kestra: "retries: {attempts: 1, delay: 50ms}",
            health: "127.0.0.1:\(port)"
        )
        try scene.put(["KEY": "made up"], in: "company.team")
        #expect(try scene.get("KEY") == .value("made up", .fresh, ageSeconds: 0))
        try scene.fake.fault("error", times: 0, ["status": 503])
        try waitUntil("a stale value is served") {
            if case .value("made up", .stale, let age) = try scene.get("KEY") { age >= 1 } else { false }
        }
        #expect(try HealthPage(port, "/health/readiness").status == 200)
        let health = try HealthPage(port, "/health")
        #expect(health.status == 200 && health.part("backends") == "DOWN" && health.state == "UP")
        try waitUntil("it is too old to be served") { try scene.get("KEY") == .refused("BACKEND_UNAVAILABLE") }
        #expect(try HealthPage(port, "/health/readiness").status == 200)
        #expect(
            try HealthPage(port, "/prometheus").body.contains("tacit_backend_failing{type=\"\(scene.fake.type)\"} 1")
        )
        try scene.fake.clearFaults()
        try waitUntil("it is back", seconds: 60) {
            if case .value("made up", .fresh, _) = try scene.get("KEY") { true } else { false }
        }
        #expect(try HealthPage(port, "/health").part("backends") == "UP")
        #expect(scene.program.log.contains("the secrets manager failed"))
    }

    @Test func `a manager that is away at the start does not keep the agent from starting`() throws {
        let fake = try FakeServer(.vault)
        try fake.command("put", ["path": "main/company/team/KEY", "data": ["value": "made up"]])
        try fake.fault("error", times: 0, ["status": 503])
        let scene = try ManagedProgram(fake, "cache: {enabled: false}", kestra: "retries: {attempts: 0}")
        #expect(try scene.get("KEY") == .refused("BACKEND_UNAVAILABLE"))
        try fake.clearFaults()
        try waitUntil("it is there", seconds: 60) { try scene.get("KEY") == .value("made up", .fresh, ageSeconds: 0) }
    }

    @Test func `many managers that do not answer make a start no longer than one does`() throws {
        let fake = try FakeServer(.vault)
        try fake.fault("hang", times: 0)
        // One after the other, they would take longer than the harness waits for an agent.
        let scopes = (0..<15).map { number in
            "{tenant: t\(number), secret: \(fake.secret(keys: ["timeouts: {connect: 1s, first-byte: 4s}"]))}"
        }
        let program = try Program { configuration, _ in
            configuration.more = "scopes: [\(scopes.joined(separator: ", "))]"
        }
        #expect(program.log.split(separator: "\n").count { $0.contains("cannot be reached yet") } == 15)
        #expect(try program.end() == 0)
    }

    @Test func `a credential that is refused at the start is said, and ends the start`() throws {
        let fake = try FakeServer(.vault)
        try fake.command("revoke")
        #expect {
            try ManagedProgram(fake, "cache: {enabled: false}")
        } throws: { error in
            "\(error)".contains("scope default") && "\(error)".contains("refused the log-in")
        }
    }
}
