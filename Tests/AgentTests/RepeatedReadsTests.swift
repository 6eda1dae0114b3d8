import SecretMemory
import Testing
import Wire

@testable import Agent
@testable import Secrets

/// A connection remembers what it worked out for a request. These see that nothing but time is saved by that.
@Suite("Requests that come again", .onItsOwnThread)
struct RepeatedReadsTests {
    @Test func `the same request has the same answer and a record each time`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<5 { #expect(try caller.get("A").value() == "A") }
            #expect(node.backend.reads("A") == 1)
            let records = node.trail.records(["operation": "get", "key": "A"])
            #expect(records.map { $0["source"] } == ["fresh", "cached", "cached", "cached", "cached"])
            for record in records {
                #expect(record["namespace"] == "company.team" && record["decision"] == "allow")
                #expect(record["rule"] == "grants[0]" && record["version"] == "1" && record["tenant"] == "main")
            }
            #expect(try node.trail.fault() == nil)
        }
    }

    @Test func `more names than are remembered are each answered with their own value`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            let keys = (0..<3 * RememberedReads.limit).map { "KEY_\($0)" }
            for _ in 0..<4 {
                for key in keys { #expect(try caller.get(key).value() == key) }
            }
            #expect(node.backend.totalReads == keys.count)
        }
    }

    @Test func `requests that differ in one field are not taken for each other`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<3 {
                #expect(try caller.get("A").value() == "A")
                // The value is no JSON, so a subkey cannot be taken from it.
                let subkey = ReferenceView(
                    namespace: "company.team".utf8.span,
                    key: "A".utf8.span,
                    subkey: "a".utf8.span
                )
                #expect(try caller.call(.getSecret, subkey).header.status != .ok)
                let other = ReferenceView(
                    namespace: "company.team".utf8.span,
                    key: "A".utf8.span,
                    version: "7".utf8.span
                )
                #expect(try caller.call(.getSecret, other).value() == "A")
            }
            #expect(node.backend.reads("A") == 2)
        }
    }

    @Test func `a value that no longer fits into an answer is refreshed all the same`() throws {
        try Node.run { choices, _ in
            choices.limits.wire.payloadBytes = 4096
            choices.cache.refreshAfterWrite = .milliseconds(20)
        } _: { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<3 { #expect(try caller.get("A").value() == "A") }
            node.backend.resize("A", to: 5000)
            try waitUntil("the larger value is cached") { try caller.get("A").header.status != .ok }
            let reads = node.backend.reads("A")
            try waitUntil("it is fetched again") {
                _ = try caller.get("A")
                return node.backend.reads("A") > reads + 2
            }
        }
    }

    @Test func `what was evicted is fetched again`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<3 { _ = try caller.get("A") }
            var evictor = try node.caller(Domain.operatorIdentity)
            _ = try evictor.call(.evict, EvictView(key: "A".utf8.span))
            #expect(try caller.get("A").source() == .fresh)
            #expect(try caller.get("A").source() == .cached)
        }
    }

    @Test func `a grant that is taken away is taken away for what was answered before, and comes back`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<3 { #expect(try caller.get("A").value() == "A") }
            try node.replacePolicy(grants: [try Node.operators()])
            try waitUntil("the new policy holds") { try caller.get("A").header.status == .permissionDenied }
            #expect(node.trail.records(["key": "A", "decision": "deny"]).isEmpty == false)
            try node.replacePolicy(grants: [try Node.worker(), try Node.operators()])
            try waitUntil("the old policy holds again") { try caller.get("A").header.status == .ok }
            #expect(try caller.get("A").value() == "A")
        }
    }

    @Test func `a denial beats what was allowed before`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            for key in ["A", "B"] { for _ in 0..<3 { #expect(try caller.get(key).value() == key) } }
            let denial = try PolicyRule(identity: Domain.worker, keys: ["A"], operations: Operations(.get))
            try node.replacePolicy(grants: [try Node.worker(), try Node.operators()], denials: [denial])
            try waitUntil("the denial holds") { try caller.get("A").header.status == .permissionDenied }
            #expect(try caller.get("B").value() == "B")
        }
    }
}
