import Foundation
import Testing
import Wire

@testable import Agent
@testable import TLS

@Suite("An agent and peers that take their time", .onItsOwnThread)
struct SlowPeersTests {
    private static let big = "BIG"
    private static let bigBytes = 64 << 10

    @Test func `a frame that trickles in is ended at its deadline, and others are served meanwhile`() throws {
        try Node.run { choices, _ in
            choices.limits.frameTimeout = .milliseconds(500)
            choices.loops = 1
        } _: { node in
            var bystander = try node.caller(Domain.operatorIdentity)
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A").value() == "A")
            let header = FrameHeader.request(.getSecret, id: 1, payloadCount: 60_000)
            var rest = [UInt8](capacity: 16) { header.encode(into: &$0) } + [UInt8](repeating: 0, count: 60_000)
            // At this pace it would take half an hour, though the peer is never silent for long.
            while !caller.hears(milliseconds: 30) {
                _ = try? caller.send([rest.removeFirst()])
                #expect(try bystander.get("A").value() == "A")
            }
            #expect(try caller.farewell() == .timedOut)
            #expect(node.log.lines("a peer took too long to send a frame").count == 1)
        }
    }

    @Test func `frames that are small and many are no slow frame`() throws {
        try Node.run { choices, _ in
            choices.limits.frameTimeout = .milliseconds(300)
        } _: { node in
            var caller = try node.caller(Domain.worker)
            for _ in 0..<20 {
                // The end of one frame comes with the beginning of the next.
                try caller.send([0, 0, 0, 12, 0, 0, 0, 0, 5])
                usleep(30_000)
                try caller.send([0, 0, 0, 0, 0, 0, 0])
                #expect(try caller.frame().header.kind == .pong)
            }
        }
    }

    @Test func `a peer that never reads is held back, and closed at its deadline, and others are served meanwhile`()
        throws
    {
        try Node.run { choices, _ in
            choices.limits.writeTimeout = .milliseconds(800)
            choices.loops = 1
        } _: { node in
            node.backend.resize(Self.big, to: Self.bigBytes)
            var bystander = try node.caller(Domain.operatorIdentity)
            #expect(try bystander.get(Self.big).header.status == .ok)
            var deaf = try node.caller(Domain.worker)
            try waitUntil("both are inside") { node.connections == 2 }
            for _ in 0..<200 { try deaf.ask(Self.big) }
            try waitUntil("it is closed") {
                let value = try bystander.get("A").value()
                #expect(value == "A")
                return node.connections == 1
            }
            #expect(node.log.lines("a peer left its answers unread").count == 1)
            // What was read of its requests is what there was room to answer.
            #expect(node.trail.records(["key": Self.big]).count < 100)
        }
    }

    @Test func `a peer that is held back gets all its answers once it reads`() throws {
        try Node.run { node in
            node.backend.resize(Self.big, to: Self.bigBytes)
            var caller = try node.caller(Domain.worker, over: node.tcp)
            #expect(try caller.get(Self.big).header.status == .ok)
            for _ in 0..<200 { try caller.ask(Self.big) }
            usleep(300_000)
            #expect(node.trail.records(["key": Self.big]).count < 200)
            for _ in 0..<200 { #expect(try caller.frame().value().utf8.count == Self.bigBytes) }
            #expect(try caller.get("A").value() == "A")
        }
    }

    @Test func `answers that come all at once wait for a peer that reads one after the other`() throws {
        try Node.run { node in
            node.backend.resize(Self.big, to: Self.bigBytes)
            node.backend.hold(Self.big)
            var caller = try node.caller(Domain.worker)
            var open = Set(try (0..<200).map { _ in try caller.ask(Self.big) })
            try waitUntil("all of them wait") { node.pending == 200 }
            node.backend.release()
            for _ in 0..<200 {
                let answer = try caller.frame()
                #expect(open.remove(answer.header.id) != nil)
                #expect(answer.header.status == .ok)
            }
            #expect(try caller.get(Self.big).value().utf8.count == Self.bigBytes)
            #expect(node.trail.records(["key": Self.big]).count == 201)
        }
    }

    @Test func `a peer that never reads what it waited for is closed, and each of its requests is recorded once`()
        throws
    {
        try Node.run { choices, _ in
            choices.limits.writeTimeout = .milliseconds(500)
        } _: { node in
            node.backend.resize(Self.big, to: Self.bigBytes)
            node.backend.hold(Self.big)
            var deaf = try node.caller(Domain.worker)
            for _ in 0..<200 { try deaf.ask(Self.big) }
            try waitUntil("all of them wait") { node.pending == 200 }
            node.backend.release()
            try waitUntil("it is closed") { node.connections == 0 }
            #expect(node.pending == 0)
            try waitUntil("all are recorded") { node.trail.records(["key": Self.big]).count >= 200 }
            let records = node.trail.records(["key": Self.big])
            #expect(records.count == 200)
            #expect(records.filter { $0["reason"] == "CANCELLED" }.count > 100)
        }
    }

    @Test func `a connection whose answers waited for too long still ends when it is told to go`() throws {
        try Node.run(servesAfterwards: false) { node in
            node.backend.resize(Self.big, to: Self.bigBytes)
            node.backend.hold(Self.big)
            var caller = try node.caller(Domain.worker)
            for _ in 0..<100 { try caller.ask(Self.big, timeout: 1500) }
            try waitUntil("all of them wait") { node.pending == 100 }
            node.backend.release()
            // Those that find no room before the peer reads run out of time instead.
            try waitUntil("none waits any more") { node.pending == 0 }
            node.drain()
            var statuses: [Status] = []
            while let frame = try caller.next() {
                if frame.header.kind == .response { statuses.append(frame.header.status) }
            }
            #expect(statuses.count == 100)
            #expect(statuses.allSatisfy { $0 == .ok || $0 == .deadlineExceeded })
            try waitUntil("the connection is gone") { node.connections == 0 }
        }
    }

    @Test func `a connection that is silent for too long is ended`() throws {
        try Node.run { choices, _ in
            choices.limits.idleTimeout = .milliseconds(400)
        } _: { node in
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A").value() == "A")
            #expect(try caller.farewell() == .idle)
        }
    }

    @Test func `a connection that waits for an answer is not silent`() throws {
        try Node.run { choices, _ in
            choices.limits.idleTimeout = .milliseconds(300)
        } _: { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A").value() == "A")
            let id = try caller.ask("HELD")
            let heardEarly = caller.hears(milliseconds: 1000)
            #expect(!heardEarly)
            node.backend.release()
            #expect(try caller.frame().header.id == id)
        }
    }

    @Test func `a connection ends with its certificate, and the end is recorded`() throws {
        try Node.run { node in
            let now = Int64(time(nil))
            let validity = CertificateValidity(notBefore: now - 60, notAfter: now + 3)
            let files = try node.domain.issue(Domain.client(Domain.worker, validity: validity), as: "short")
            var caller = try Caller(node.unix, ClientContext(files: files))
            #expect(try caller.get("A").value() == "A")
            #expect(try caller.farewell() == Reason(rawValue: "UNAUTHENTICATED"))
            #expect(Int64(time(nil)) >= validity.notAfter)
            let records = node.trail.records(["operation": "connect", "decision": "deny"])
            #expect(records.map { $0["reason"] } == ["EXPIRED"])
        }
    }
}
