import Foundation
import Testing
import Wire

@testable import Agent
@testable import Secrets

@Suite("An agent and its audit", .onItsOwnThread)
struct AuditTests {
    @Test func `nothing is answered that cannot be recorded, and nothing is written`() throws {
        try Node.run(servesAfterwards: false) { choices, _ in
            choices.auditFile = "/dev/full"
        } _: { node in
            for endpoint in [node.unix, node.tcp] {
                var caller = try node.caller(Domain.worker, over: endpoint)
                let (space, key) = ("company.team".utf8.span, "A".utf8.span)
                let answers = [
                    try caller.get("A"), try caller.get("A"), try caller.get("MISSING"),
                    try caller.get("A", in: "elsewhere"),
                    try caller.call(.listSecrets, ListSecretsView(namespace: space)),
                    try caller.call(.putSecret, PutSecretView(namespace: space, key: key, value: "new".utf8.span)),
                    try caller.call(.deleteSecret, DeleteSecretView(namespace: space, key: key)),
                    try caller.call(.whoAmI, EmptyMessage()),
                    try caller.call(.explain, ExplainView(operation: "get".utf8.span, namespace: space, key: key)),
                    try caller.call(.evict, EvictView()), try caller.call(Wire.Method(rawValue: 99), EmptyMessage()),
                ]
                for answer in answers {
                    #expect(answer.header.status == .unavailable)
                    #expect(answer.reason == .auditUnavailable)
                }
                // What is not about a request goes on.
                try caller.send { try $0.appendFrame(.connection(.ping), payload: [1, 2].span) }
                #expect(try caller.frame().payload == [1, 2])
            }
            #expect(node.backend.writes.isEmpty)
            #expect((node.audit.statistics?.failures ?? 0) > 0)
            #expect(node.audit.statistics?.lastFailure?.contains("No space left") == true)
            #expect(!node.log.lines("the audit cannot be written").isEmpty)
        }
    }

    @Test func `many requests in one turn are all refused where they cannot be recorded`() throws {
        try Node.run(servesAfterwards: false) { choices, _ in
            choices.auditFile = "/dev/full"
            choices.loops = 1
        } _: { node in
            var caller = try node.caller(Domain.worker)
            var open = Set(try (0..<150).map { try caller.ask("KEY_\($0 % 10)") })
            for _ in 0..<150 {
                let answer = try caller.frame()
                #expect(open.remove(answer.header.id) != nil)
                #expect(answer.reason == .auditUnavailable)
                #expect(!answer.payload.contains(subsequence: Array("KEY_".utf8)))
            }
        }
    }

    @Test func `an agent that is to keep no audit serves without one, and says so`() throws {
        let port = UInt16.random(in: 20_000..<30_000)
        let agent = try Program { configuration, _ in
            configuration.audit = "off"
            configuration.health = "127.0.0.1:\(port)"
        }
        var caller = try agent.caller()
        #expect(try caller.get("MISSING").reason == .keyNotFound)
        #expect(try caller.get("MISSING").reason == .keyNotFound)
        #expect(agent.trail.records.isEmpty)
        #expect(agent.log.contains("no audit is kept"))
        #expect(try HealthPage(port, "/health").part("audit") == "UNKNOWN")
        #expect(try !HealthPage(port, "/prometheus").body.contains("\ntacit_audit_records_total "))
        #expect(try agent.end() == 0)
    }

    @Test func `an agent whose audit has room again answers again`() throws {
        let workspace = try Workspace()
        let link = workspace.path("audit.jsonl")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/full")
        try Node.run { choices, _ in
            choices.auditFile = link
        } _: { node in
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A").reason == .auditUnavailable)
            try FileManager.default.removeItem(atPath: link)
            try node.audit.reopen()
            #expect(try caller.get("A").value() == "A")
            #expect(node.audit.statistics?.lastFailure == nil)
            // What was refused is no part of the chain.
            #expect(node.trail.records.count == 1)
            #expect(try node.trail.fault() == nil)
        }
    }

    @Test func `an agent that need not record answers although it cannot, and counts what it lost`() throws {
        try Node.run { choices, _ in
            choices.auditFile = "/dev/full"
            choices.isAuditRequired = false
        } _: { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<20 { #expect(try caller.get("A").value() == "A") }
            try waitUntil("they are counted") { node.audit.statistics?.dropped == 20 }
        }
    }

    @Test func `the chain holds over many connections, denials and a rotation`() throws {
        try Node.run { node in
            let contexts = try [Domain.worker, Domain.operatorIdentity, "spiffe://example.org/nobody"].map(node.context)
            func burst() throws {
                let threads = Threads()
                for index in 0..<6 {
                    let (endpoint, context) = (index % 2 == 0 ? node.unix : node.tcp, contexts[index % 3])
                    threads.start {
                        var caller = try Caller(endpoint, context)
                        for number in 0..<50 { _ = try caller.get("KEY_\(number % 7)") }
                    }
                }
                try threads.join()
            }
            try burst()
            let first = node.trail
            #expect(first.records.count == 300)
            #expect(try first.fault() == nil)
            let moved = node.workspace.path("audit.jsonl.1")
            try FileManager.default.moveItem(atPath: node.workspace.path("audit.jsonl"), toPath: moved)
            try burst()
            // Until it is told, it goes on with the file it has.
            let whole = Trail(node.workspace.text("audit.jsonl.1"))
            #expect(whole.records.count == 600)
            try node.audit.reopen()
            try burst()
            #expect(Trail(node.workspace.text("audit.jsonl.1")).records.count == 600)
            #expect(node.trail.records.count == 300)
            #expect(try whole.fault() == nil)
            #expect(try node.trail.fault(after: whole.lastHash(), sequence: 600) == nil)
        }
    }

    @Test func `every record names who, what, decision and rule, and never a value`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            _ = try caller.get("A")
            _ = try caller.get("A")
            _ = try caller.get("MISSING")
            _ = try caller.get("B", in: "elsewhere")
            let value = "obviously fake and to be seen nowhere"
            let put = PutSecretView(
                namespace: "company".utf8.span,
                key: "P".utf8.span,
                value: value.utf8.span
            )
            _ = try caller.call(.putSecret, put)
            let records = node.trail.records
            let outcomes = records.map { [$0["operation"], $0["key"], $0["decision"], $0["reason"], $0["source"]] }
            #expect(
                outcomes == [
                    ["get", "A", "allow", nil, "fresh"], ["get", "A", "allow", nil, "cached"],
                    ["get", "MISSING", "allow", "KEY_NOT_FOUND", nil],
                    ["get", "B", "deny", "NAMESPACE_NOT_ALLOWED", nil], ["put", "P", "allow", "BEGUN", nil],
                    ["put", "P", "allow", nil, nil],
                ]
            )
            for record in records {
                #expect(record["identity"] == Domain.worker)
                #expect(record["service"] == "WORKER")
                #expect(record["tenant"] == "main")
                #expect(record["node"] == "tests")
                #expect(record["peer"]?.hasPrefix("pid:\(getpid()),") == true)
            }
            #expect(records.filter { $0["decision"] == "allow" }.allSatisfy { $0["rule"] == "grants[0]" })
            #expect(!node.workspace.text("audit.jsonl").contains(value))
            #expect(node.log.lines(value).isEmpty)
        }
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence: [UInt8]) -> Bool {
        guard count >= subsequence.count else { return false }
        return (0...(count - subsequence.count)).contains { self[$0...].starts(with: subsequence) }
    }
}
