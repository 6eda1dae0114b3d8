import SecretMemory
import SeededGenerator
import Testing
import Wire

@testable import Agent

@Suite("An agent and frames that break the rules", .onItsOwnThread)
struct MalformedFrameTests {
    /// A header, and what follows it.
    struct Frame: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: [UInt8]

        init(_ testDescription: String, _ bytes: [UInt8]) {
            self.testDescription = testDescription
            self.bytes = bytes
        }
    }

    private static let broken = [
        Frame("a length below the header's", [0, 0, 0, 11, 0, 0, 0, 1, 1, 0, 0, 16, 0, 0, 0, 0]),
        Frame("no length at all", [0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 16, 0, 0, 0, 0]),
        Frame("the greatest length", [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 1, 0, 0, 16, 0, 0, 0, 0]),
        Frame("one byte more than a first frame may have", [0, 1, 0, 13, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0]),
        Frame("kind 0", [0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 0]),
        Frame("kind 8", [0, 0, 0, 12, 0, 0, 0, 1, 8, 0, 0, 16, 0, 0, 0, 0]),
        Frame("kind 255", [0, 0, 0, 12, 0, 0, 0, 1, 255, 0, 0, 16, 0, 0, 0, 0]),
        Frame("a response", [0, 0, 0, 12, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0]),
        Frame("an item", [0, 0, 0, 12, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0]),
        Frame("the first flag", [0, 0, 0, 12, 0, 0, 0, 1, 1, 1, 0, 16, 0, 0, 0, 0]),
        Frame("the last flag", [0, 0, 0, 12, 0, 0, 0, 1, 1, 128, 0, 16, 0, 0, 0, 0]),
        Frame("a request without an id", [0, 0, 0, 12, 0, 0, 0, 0, 1, 0, 0, 16, 0, 0, 0, 0]),
        Frame("a ping with an id", [0, 0, 0, 12, 0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0]),
        Frame("a ping with a method", [0, 0, 0, 12, 0, 0, 0, 0, 5, 0, 0, 1, 0, 0, 0, 0]),
        Frame("a ping with a word", [0, 0, 0, 12, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1]),
        Frame("a ping that is too long", [0, 0, 0, 77, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]),
        Frame("a cancel with a payload", [0, 0, 0, 13, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]

    @Test(arguments: broken)
    func `a frame that breaks a rule ends the connection, and is recorded once`(_ frame: Frame) throws {
        try Node.run { node in
            var bystander = try node.caller(Domain.operatorIdentity)
            #expect(try bystander.get("A").value() == "A")
            var caller = try node.caller(Domain.worker, over: node.tcp)
            try caller.send(frame.bytes)
            #expect(try caller.farewell() == .malformedFrame)
            let records = node.trail.records(["operation": "frame"])
            #expect(records.map { $0["reason"] } == ["MALFORMED_FRAME"])
            #expect(records.first?["decision"] == "deny")
            #expect(records.first?["identity"] == Domain.worker)
            #expect(node.log.lines("a peer broke the protocol").count == 1)
            #expect(try bystander.get("B").value() == "B")
        }
    }

    @Test func `a later frame may be as long as the limit, and no longer`() throws {
        try Node.run { choices, _ in
            choices.limits.wire = WireLimits(payloadBytes: 1 << 20)
        } _: { node in
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A").value() == "A")
            // As long as it may be, though it says nothing that can be understood.
            let header = FrameHeader.request(.getSecret, id: 77, payloadCount: 1 << 20)
            try caller.send([UInt8](capacity: 16) { header.encode(into: &$0) } + [UInt8](repeating: 0, count: 1 << 20))
            let answer = try caller.frame()
            #expect(answer.header.id == 77)
            #expect(answer.header.status == .invalidArgument)
            let longer = FrameHeader.request(.getSecret, id: 78, payloadCount: 1 << 20 + 1)
            try caller.send([UInt8](capacity: 16) { longer.encode(into: &$0) })
            #expect(try caller.farewell() == .malformedFrame)
        }
    }

    @Test func `requests that were open when a frame broke the rules are recorded as given up`() throws {
        try Node.run { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            let id = try caller.ask("HELD")
            try waitUntil("it waits") { node.pending == 1 }
            try caller.send(Self.broken[4].bytes)
            let answer = try caller.frame()
            // Either may leave first.
            #expect(answer.header.id == id || answer.header.kind == .goAway)
            _ = try caller.farewell()
            #expect(node.trail.records(["key": "HELD", "reason": "CANCELLED"]).count == 1)
            #expect(node.pending == 0)
        }
    }

    @Test(arguments: [1, 4, 15, 16, 20])
    func `a frame that is cut short by a close disturbs nobody`(_ count: Int) throws {
        try Node.run { node in
            do {
                var caller = try node.caller(Domain.worker)
                let header = FrameHeader.request(.getSecret, id: 1, payloadCount: 100)
                let frame = [UInt8](capacity: 16) { header.encode(into: &$0) } + [UInt8](repeating: 0, count: 100)
                try caller.send(Array(frame.prefix(count)))
            }
            try waitUntil("the connection is gone") { node.connections == 0 }
            #expect(node.trail.records.isEmpty)
        }
    }

    // MARK: Good frames

    @Test(arguments: [0, 6, 7, 22, 33, 63, 64, 65_535] as [UInt16])
    func `an operation that is not there is answered and recorded, and the connection lives`(_ number: UInt16) throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            let answer = try caller.call(Wire.Method(rawValue: number), EmptyMessage())
            #expect(answer.header.status == .unimplemented)
            #expect(answer.reason == .unknownMethod)
            let records = node.trail.records(["decision": "deny"])
            #expect(records.map { $0["reason"] } == ["UNKNOWN_METHOD"])
            #expect(try caller.get("A").value() == "A")
        }
    }

    @Test func `a payload that is no message is answered and recorded, and the connection lives`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            let methods: [Wire.Method] = [
                .getSecret, .getSecrets, .listSecrets, .putSecret, .deleteSecret, .whoAmI, .explain, .health,
                .watchHealth, .heartbeat, .listNodes, .evict,
            ]
            for method in methods {
                let id = caller.nextID()
                // Field 1 with a length beyond the end.
                try caller.send { try $0.appendFrame(.request(method, id: id), payload: [0x0a, 0x7f, 0x41].span) }
                let answer = try caller.frame()
                #expect(answer.header.id == id)
                #expect(answer.header.status == .invalidArgument, "\(method)")
                #expect(answer.reason == .malformedRequest)
            }
            #expect(node.trail.records(["reason": "MALFORMED_REQUEST"]).count == methods.count)
            #expect(node.backend.totalReads == 0)
            #expect(try caller.get("A").value() == "A")
        }
    }

    @Test(arguments: ["", ".a", "a..b", "a b", "a/b", String(repeating: "a", count: 4096)])
    func `a namespace that is none is answered and recorded, and never reaches the manager`(_ namespace: String) throws
    {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            let answer = try caller.get("A", in: namespace)
            #expect(answer.header.status != .ok)
            #expect(node.trail.records.count == 1)
            #expect(node.backend.totalReads == 0)
        }
    }

    // MARK: Noise

    @Test func `random bytes after the handshake end their own connection at most`() throws {
        var random = SeededGenerator(seed: 4711)
        try Node.run { node in
            let context = try node.context(Domain.worker)
            var bystander = try node.caller(Domain.operatorIdentity)
            for round in 0..<300 {
                var caller = try Caller(round % 2 == 0 ? node.unix : node.tcp, context)
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 1...6, using: &random) { bytes += Self.noise(&random) }
                try caller.send(bytes)
                // What follows is malformed whatever came before, unless it is taken for the rest of a payload.
                try? caller.send([UInt8](repeating: 0xff, count: 16))
                if round % 10 == 0 { #expect(try bystander.get("A").value() == "A") }
            }
            try waitUntil("all of them are gone") { node.connections == 1 }
            #expect(node.pending == 0)
            #expect(try node.trail.fault() == nil)
        }
    }

    /// A frame with some of its bytes changed.
    private static func noise(_ random: inout SeededGenerator) -> [UInt8] {
        let payload = (0..<Int.random(in: 0...48, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        let methods: [UInt16] = [1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 20, 32, 99]
        let header = FrameHeader(
            payloadCount: payload.count,
            id: UInt32.random(in: 0...3, using: &random),
            kind: random.pick([.request, .request, .request, .cancel, .ping, .pong, .goAway, .response]),
            method: Wire.Method(rawValue: random.pick(methods)),
            word: random.pick([0, 0, 1, 1000, .max])
        )
        var bytes = [UInt8](capacity: 16) { header.encode(into: &$0) } + payload
        if Bool.random(using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
        }
        return bytes
    }
}
