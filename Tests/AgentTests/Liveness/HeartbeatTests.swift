import Glibc
import Liveness
import Synchronization
import Testing
import Wire

@testable import Agent
@testable import Secrets

@Suite("An agent and its clients' heartbeats", .onItsOwnThread)
struct HeartbeatTests {
    /// Quick rules, so that a test need not wait long.
    private static func quick(_ strategy: String = "IMMEDIATELY", timeout: UInt64 = 150) -> Beat {
        Beat(interval: 50, timeout: timeout, grace: 200, strategy: strategy)
    }

    private struct Beat {
        var id = "worker-1"
        var type = "WORKER"
        var state = "RUNNING"
        var interval: UInt64 = 0
        var timeout: UInt64 = 0
        var grace: UInt64?
        var strategy = ""

        func with(_ change: (inout Beat) -> Void) -> Beat {
            var copy = self
            change(&copy)
            return copy
        }
    }

    private func send(_ beat: Beat, _ caller: inout Caller) throws -> Received {
        try caller.call(
            .heartbeat,
            HeartbeatView(
                instance: HeartbeatView.Instance(
                    id: beat.id.utf8.span,
                    type: beat.type.utf8.span,
                    state: beat.state.utf8.span
                ),
                heartbeatInterval: beat.interval,
                timeout: beat.timeout,
                initialDelay: 0,
                terminationGracePeriod: beat.grace,
                restartStrategy: beat.strategy.utf8.span
            )
        )
    }

    private func held(_ beat: Beat, _ caller: inout Caller) throws -> HeartbeatAnswer {
        let answer = try send(beat, &caller)
        guard answer.header.status == .ok else { throw Overdue("refused: \(answer.reason?.rawValue ?? "")") }
        return try HeartbeatAnswer(decoding: answer.payload.span)
    }

    private func run(_ body: (Node) throws -> Void) throws {
        try Node.run { choices, _ in
            choices.liveness.interval = .milliseconds(20)
            choices.cache.expireAfterWrite = .seconds(600)
        } _: {
            try body($0)
        }
    }

    @Test func `a beat is answered with the state that counts, when the next is due, and how the agent is`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            let answer = try held(Beat(), &caller)
            #expect(answer == HeartbeatAnswer(state: "RUNNING", nextBeatDue: 3000, agentStatus: "UP"))
            #expect(try held(Beat(interval: 5000, timeout: 20_000), &caller).nextBeatDue == 5000)
        }
    }

    @Test func `a silent instance is DISCONNECTED and stays it; a new id begins anew`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            _ = try held(Self.quick(), &caller)
            try waitUntil("it is disconnected") { node.services.clients.stateCounts[.disconnected] == 1 }
            #expect(try held(Self.quick(), &caller).state == "DISCONNECTED")
            #expect(try held(Self.quick().with { $0.id = "worker-2" }, &caller).state == "RUNNING")
        }
    }

    @Test func `nobody beats for another's instance`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            _ = try held(Beat(), &caller)
            var other = try node.caller(Domain.main + "/indexer")
            let answer = try send(Beat(type: "INDEXER"), &other)
            #expect(answer.header.status == .permissionDenied)
            #expect(answer.reason == .operationNotAllowed)
        }
    }

    @Test func `the service type is the certificate's, whatever the instance says`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            let answer = try send(Beat(type: "SCHEDULER"), &caller)
            #expect(answer.header.status == .permissionDenied)
            #expect(try held(Beat(type: ""), &caller).state == "RUNNING")
        }
    }

    @Test func `words and times that make no sense are refused with what would`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            for beat in [
                Beat(state: "FINE"), Beat(interval: 100, timeout: 100), Beat(timeout: 90_000_000),
                Beat(strategy: "SOMETIMES"), Beat(state: "NOT_RUNNING"),
            ] {
                let answer = try send(beat, &caller)
                #expect(answer.header.status == .invalidArgument)
                #expect(answer.reason == .malformedRequest)
            }
            #expect(node.services.clients.stateCounts.isEmpty)
        }
    }

    @Test(arguments: ["IMMEDIATELY", "AFTER_TERMINATION_GRACE_PERIOD"])
    func `what only a lost instance has read is wiped, and what others read too stays`(strategy: String) throws {
        try run { node in
            var lost = try node.caller(Domain.worker)
            var other = try node.caller(Domain.main + "/indexer")
            _ = try held(Self.quick(strategy, timeout: 400), &lost)
            _ = try held(Beat(id: "indexer-1", type: "INDEXER"), &other)
            #expect(try lost.get("OWN").value() == "OWN")
            #expect(try lost.get("BOTH").value() == "BOTH")
            #expect(try other.get("BOTH").value() == "BOTH")
            #expect(node.services.resolver.cache.statistics.entries == 2)
            try waitUntil("its leases have ended") { node.services.resolver.cache.statistics.entries == 1 }
            #expect(try other.get("BOTH").source() == .cached)
            // Its connection is not closed, but is nobody's any more.
            #expect(try lost.get("OWN").source() == .fresh)
        }
    }

    @Test func `NEVER keeps what a lost instance has read, until it says that it has ended`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            _ = try held(Self.quick("NEVER"), &caller)
            #expect(try caller.get("OWN").value() == "OWN")
            try waitUntil("it is given up") { node.services.clients.stateCounts[.notRunning] == 1 }
            #expect(node.services.resolver.cache.statistics.entries == 1)
            var next = try node.caller(Domain.worker)
            let second = Self.quick("NEVER").with { $0.id = "worker-2" }
            _ = try held(second, &next)
            #expect(try next.get("OTHER").value() == "OTHER")
            #expect(try held(second.with { $0.state = "TERMINATING" }, &next).state == "TERMINATING")
            #expect(node.services.resolver.cache.statistics.entries == 2)
            #expect(
                try held(second.with { $0.state = "TERMINATED_GRACEFULLY" }, &next).state == "TERMINATED_GRACEFULLY"
            )
            #expect(node.services.resolver.cache.statistics.entries == 1)
        }
    }

    @Test func `an instance that comes back on another connection keeps its leases`() throws {
        try run { node in
            var first = try node.caller(Domain.worker)
            let beat = Self.quick(timeout: 300)
            _ = try held(beat, &first)
            #expect(try first.get("OWN").value() == "OWN")
            var second = try node.caller(Domain.worker, over: node.tcp)
            for _ in 0..<10 {
                #expect(try held(beat, &second).state == "RUNNING")
                usleep(50_000)
            }
            #expect(node.services.resolver.cache.statistics.entries == 1)
            try waitUntil("its leases have ended") { node.services.resolver.cache.statistics.entries == 0 }
        }
    }

    @Test func `a beat is recorded when it says something new, and not each time`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<20 { _ = try held(Beat(), &caller) }
            _ = try held(Beat(state: "MAINTENANCE"), &caller)
            #expect(node.trail.records(["operation": "heartbeat", "decision": "allow"]).count == 2)
        }
    }

    @Test func `a fenced agent answers about itself and hands out nothing`() throws {
        try run { node in
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A").value() == "A")
            node.services.fence.raise()
            #expect(try caller.get("A").reason?.rawValue == "AGENT_FENCED")
            #expect(try caller.get("B").header.status == .unavailable)
            #expect(try held(Beat(), &caller).state == "RUNNING")
            node.services.fence.lower()
            #expect(try caller.get("A").value() == "A")
        }
    }
}
