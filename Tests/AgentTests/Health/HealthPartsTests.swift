import Foundation
import SecretMemory
import Synchronization
import Testing
import Wire

@testable import Agent
@testable import Secrets
@testable import TLS

@Suite("Health's parts", .onItsOwnThread, .timeLimit(.minutes(2)))
struct HealthPartsTests {
    private static func part(_ name: String, of node: Node) throws -> HealthReport.Part {
        try #require(node.health.report().parts.first { $0.name == name })
    }

    private static func number(_ name: String, in part: HealthReport.Part) -> Int64? {
        guard case .number(let number) = part.details.first(where: { $0.name == name })?.value else { return nil }
        return number
    }

    @Test func `every part has a sentence, and none of it names a scope, an identity or a file`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            _ = try caller.get("KEY")
            let parts = node.health.report().parts
            #expect(
                parts.map(\.name) == [
                    "loops", "listeners", "arena", "protections", "certificates", "configuration", "cache", "backends",
                    "audit", "clock", "clients",
                ]
            )
            for part in parts {
                #expect(!part.words.isEmpty, "\(part.name)")
                for name in ["default", "spiffe", "company", node.workspace.folder] {
                    #expect(!part.words.contains(name), "\(part.name): \(part.words)")
                }
            }
            #expect(node.health.report().status == .up)
        }
    }

    @Test func `a loop that hangs is noticed and named, and remembered when it turns again`() throws {
        try Node.run({ choices, _ in choices.loops = 1 }) { node in
            let report = node.health.report()
            let held = Held()
            node.health.services.healthBoard.set {
                held.wait()
                return report
            }
            var caller = try node.caller(Domain.operatorIdentity)
            let id = caller.nextID()
            try caller.send { try $0.appendFrame(.request(.health, id: id), EmptyMessage()) }
            try waitUntil("the stall is seen") {
                node.health.selfWatch.tick()
                return node.health.selfWatch.seen.stalls.stalls > 0
            }
            #expect(node.health.isAlive, "a second is no reason to restart")
            held.release()
            _ = try caller.frame()
            try waitUntil("the loop comes round") { node.health.selfWatch.silence < 500_000_000 }
            let part = try Self.part("loops", of: node)
            #expect(part.status == .up)
            #expect(Self.number("longestStallMs", in: part) ?? 0 >= 1000)
            #expect(part.details.contains { $0.name == "longestStallOf" && $0.value == .text("loop-0") })
            #expect(!node.log.lines("a thread has not come round").isEmpty)
            // The turn was as long, by the loop's own clock.
            #expect(Self.number("longestTurnMs", in: part) ?? 0 >= 1000)
        }
    }

    /// Something to wait for, as often as one likes.
    private final class Held: Sendable {
        private let isOver = Atomic(false)
        func wait() { while !isOver.load(ordering: .acquiring) { usleep(1000) } }
        func release() { isOver.store(true, ordering: .releasing) }
    }

    @Test func `a socket file that is gone is told, by its part and by readiness, and liveness does not mind`() throws {
        try Node.run(servesAfterwards: false) { node in
            try node.withEndpoint { port in
                var client = try HTTPClient(port: port)
                #expect(try client.ask("GET", "/health/readiness").status == 200)
                #expect(try Self.part("listeners", of: node).status == .up)
                try FileManager.default.removeItem(atPath: node.workspace.path("agent.sock"))
                #expect(try client.ask("GET", "/health/readiness").status == 503)
                #expect(try client.ask("GET", "/health/liveness").status == 200)
                #expect(try client.ask("GET", "/health").status == 503)
                #expect(try Self.part("listeners", of: node).words.contains("restart"))
            }
        }
    }

    @Test func `the watchdog looks by itself once it is started`() throws {
        try Node.run { node in
            try node.health.start()
            defer { node.health.stop() }
            try waitUntil("the arena has been walked through") { node.health.selfWatch.seen.arena.passes > 0 }
            let part = try Self.part("arena", of: node)
            #expect(part.status == .up)
            #expect(Self.number("checkedBlocks", in: part) ?? 0 > 0)
            #expect(Self.number("damagedBlocks", in: part) == 0)
        }
    }

    @Test func `refused certificates and a refused configuration are told apart, and each is mended by its own`() throws
    {
        try Node.run { node in
            let health = node.health
            health.noteRefusedReload("no such key")
            health.noteRefusedCertificates("no such file")
            func refused() throws -> [Bool] {
                try ["configuration", "certificates"].map { name in
                    try Self.part(name, of: node).details.contains {
                        $0.name == "reloadRefused" && $0.value == .flag(true)
                    }
                }
            }
            #expect(try refused() == [true, true])
            let old = health.snapshot
            health.note(Snapshot(policy: old.policy, scopes: old.scopes, context: old.context))
            #expect(try refused() == [true, false])
            try node.replacePolicy(grants: [try Node.worker()])
            #expect(try refused() == [false, false])
            #expect(health.reloadState.refused == 1 && health.reloadState.certificatesRefused == 1)
        }
    }

    @Test func `the audit says when it was written last`() throws {
        try Node.run { node in
            #expect(try Self.part("audit", of: node).details.contains { $0.name == "lastWrite" } == false)
            var caller = try node.caller(Domain.worker)
            _ = try caller.get("KEY")
            let last = try #require(node.audit.statistics?.lastWrite)
            #expect(abs(last - WallClock.milliseconds) < 60_000)
            #expect(try Self.part("audit", of: node).details.contains { $0.name == "lastWrite" })
        }
    }

    @Test func `connections are counted by what is at their other end, and moved when the rules change`() throws {
        try Node.run { node in
            func count(_ service: ServiceMetric) -> UInt64 { node.health.totals.sum { $0.connectionCount(service) } }
            var worker = try node.caller(Domain.worker)
            _ = try worker.get("KEY")
            var executor = try node.caller(Domain.executor)
            _ = try executor.get("KEY")
            #expect(count(.worker) == 1 && count(.executor) == 1)
            let any = try PolicyRule(
                identity: Domain.worker,
                service: "SCHEDULER",
                operations: Operations(.get)
            )
            try node.replacePolicy(grants: [try Node.worker(), any])
            try waitUntil("it is counted anew") { count(.several) == 1 }
            #expect(count(.worker) == 0)
            do {
                var next = try node.caller(Domain.executor)
                _ = try next.get("KEY")
                #expect(count(.executor) == 2)
            }
            try waitUntil("who has left is not counted") { count(.executor) == 1 }
        }
    }

    @Test func `values that outlived their time are told of with the age of the oldest`() throws {
        try Node.run({ choices, _ in
            choices.cache.expireAfterWrite = .milliseconds(50)
            choices.cache.serveStaleFor = .seconds(600)
        }) { node in
            var caller = try node.caller(Domain.worker)
            _ = try caller.get("KEY")
            let since = BootInstant.now
            #expect(Self.number("oldestStaleMs", in: try Self.part("backends", of: node)) == 0)
            try waitUntil("it is beyond its lifetime") { BootInstant.now > since.advanced(by: .milliseconds(60)) }
            node.health.selfWatch.tick()
            let part = try Self.part("backends", of: node)
            #expect(Self.number("oldestStaleMs", in: part) ?? 0 >= 50)
            #expect(part.words.contains("outlived"))
            #expect(part.details.contains { $0.value.text.contains("oldest stale value 0 s") })
            #expect(Metrics(collector: node.health).exposition().contains("oldest_stale_seconds{type=\"counted\"} 0."))
        }
    }

    @Test func `denials are counted by their reason, alone and in a batch`() throws {
        try Node.run({ choices, _ in choices.grants = [try Node.worker(namespaces: ["company.team"])] }) { node in
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("KEY", in: "elsewhere").reason == .namespaceNotAllowed)
            let foreign = ReferenceView(
                namespace: "company.team".utf8.span,
                key: "KEY".utf8.span,
                tenant: "other".utf8.span
            )
            #expect(try caller.call(.getSecret, foreign).reason?.rawValue == "TENANT_NOT_ALLOWED")
            func count(_ refusal: Decision.Refusal) -> UInt64 { node.health.totals.sum { $0.denialCount(refusal) } }
            #expect(count(.namespaceNotAllowed) == 1)
            #expect(count(.tenantNotAllowed) == 1)
            #expect(node.health.totals.requests(.get, .denied) == 2)
            #expect(count(.keyNotAllowed) == 0)
        }
    }
}
