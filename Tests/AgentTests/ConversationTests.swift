import SecretMemory
import Testing
import Wire

@testable import Agent

@Suite("A connection's requests", .onItsOwnThread)
struct ConversationTests {
    @Test func `a slow request holds up none that came after it`() throws {
        try Node.run { node in
            node.backend.hold("SLOW")
            for endpoint in [node.unix, node.tcp] {
                var caller = try node.caller(Domain.worker, over: endpoint)
                let slow = try caller.ask("SLOW")
                let fast = try ["A", "B", "C"].map { try caller.ask($0) }
                var answers: [UInt32: String] = [:]
                for _ in fast {
                    let answer = try caller.frame()
                    answers[answer.header.id] = try answer.value()
                }
                #expect(answers == [fast[0]: "A", fast[1]: "B", fast[2]: "C"])
                node.backend.release()
                let last = try caller.frame()
                #expect(last.header.id == slow)
                #expect(try last.value() == "SLOW")
                node.backend.hold("SLOW")
                var evictor = try node.caller(Domain.operatorIdentity)
                _ = try evictor.call(.evict, EvictView(key: "SLOW".utf8.span))
            }
        }
    }

    @Test func `answers to a long row of requests are each to its own`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            var expected: [UInt32: String] = [:]
            for index in 0..<200 {
                let key = "KEY_\(index % 40)"
                expected[try caller.ask(key)] = key
            }
            for _ in 0..<200 {
                let answer = try caller.frame()
                #expect(try expected.removeValue(forKey: answer.header.id) == answer.value())
            }
            #expect(expected.isEmpty)
        }
    }

    @Test func `a request that is cancelled ends with CANCELLED, once, and its neighbour goes on`() throws {
        try Node.run { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            let given = try caller.ask("HELD")
            let kept = try caller.ask("HELD")
            try waitUntil("both wait") { node.pending == 2 }
            try caller.send { try $0.appendFrame(FrameHeader(payloadCount: 0, id: given, kind: .cancel)) }
            let answer = try caller.frame()
            #expect(answer.header.id == given)
            #expect(answer.header.status == .cancelled)
            #expect(answer.reason == .cancelled)
            // For what is not open, or not any more.
            for id in [given, 9999] {
                try caller.send { try $0.appendFrame(FrameHeader(payloadCount: 0, id: id, kind: .cancel)) }
            }
            node.backend.release()
            let other = try caller.frame()
            #expect(other.header.id == kept)
            #expect(try other.value() == "HELD")
            #expect(try caller.get("A").value() == "A")
            #expect(node.trail.records(["key": "HELD", "reason": "CANCELLED"]).count == 1)
            #expect(node.trail.records(["key": "HELD"]).count == 2)
        }
    }

    @Test func `a request ends at the time it names`() throws {
        try Node.run { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            let id = try caller.ask("HELD", timeout: 100)
            let answer = try caller.frame()
            #expect(answer.header.id == id)
            #expect(answer.header.status == .deadlineExceeded)
            #expect(answer.reason == .timedOut)
            #expect(node.trail.records(["key": "HELD", "reason": "TIMED_OUT"]).count == 1)
        }
    }

    @Test func `an id that is still open cannot be used again, and an id that is not can`() throws {
        try Node.run { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            let id = try caller.ask("HELD")
            let reference = ReferenceView(namespace: "company.team".utf8.span, key: "A".utf8.span)
            try caller.send { try $0.appendFrame(.request(.getSecret, id: id), reference) }
            let refused = try caller.frame()
            #expect(refused.header.id == id)
            #expect(refused.header.status == .invalidArgument)
            node.backend.release()
            #expect(try caller.frame().value() == "HELD")
            try caller.send { try $0.appendFrame(.request(.getSecret, id: id), reference) }
            #expect(try caller.frame().value() == "A")
        }
    }

    @Test(arguments: [0, 1, 64])
    func `a ping comes back as it was sent, also while requests wait`(_ count: Int) throws {
        try Node.run { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            try caller.ask("HELD")
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0) }
            try caller.send { try $0.appendFrame(.connection(.ping), payload: payload.span) }
            let pong = try caller.frame()
            #expect(pong.header.kind == .pong)
            #expect(pong.payload == payload)
        }
    }

    // MARK: Limits

    @Test func `a connection may have so many requests open and no more, until one ends`() throws {
        try Node.run { choices, _ in
            choices.limits.wire = WireLimits(openRequests: 8)
        } _: { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            for _ in 0..<8 { try caller.ask("HELD") }
            let ninth = try caller.ask("HELD")
            let refused = try caller.frame()
            #expect(refused.header.id == ninth)
            #expect(refused.header.status == .resourceExhausted)
            #expect(refused.reason == .connectionLimit)
            // What needs no manager is answered all the same, and others have places of their own.
            #expect(try caller.call(.whoAmI, EmptyMessage()).header.status == .ok)
            var other = try node.caller(Domain.worker)
            #expect(try other.get("A").value() == "A")
            node.backend.release()
            for _ in 0..<8 { #expect(try caller.frame().value() == "HELD") }
            #expect(try caller.get("B").value() == "B")
            #expect(node.trail.records(["decision": "deny", "reason": "CONNECTION_LIMIT"]).count == 1)
        }
    }

    @Test func `requests that were given up count until their work is over`() throws {
        try Node.run { choices, _ in
            choices.limits.wire = WireLimits(openRequests: 4)
        } _: { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            for _ in 0..<4 {
                let id = try caller.ask("HELD")
                try caller.send { try $0.appendFrame(FrameHeader(payloadCount: 0, id: id, kind: .cancel)) }
                #expect(try caller.frame().header.status == .cancelled)
            }
            let statuses = try (0..<20).map { _ in try caller.get("HELD").header.status }
            #expect(statuses.allSatisfy { $0 == .resourceExhausted })
            try waitUntil("the manager is asked") { node.backend.reads("HELD") > 0 }
            #expect(node.backend.reads("HELD") == 1)
        }
    }

    @Test func `all connections together may have so many requests waiting`() throws {
        try Node.run { choices, _ in
            choices.limits.pendingRequests = 10
        } _: { node in
            node.backend.hold("HELD")
            var first = try node.caller(Domain.worker)
            var second = try node.caller(Domain.worker)
            for _ in 0..<5 { try first.ask("HELD") }
            for _ in 0..<5 { try second.ask("HELD") }
            try waitUntil("ten wait") { node.pending == 10 }
            let refused = try second.get("HELD")
            #expect(refused.header.status == .resourceExhausted)
            #expect(refused.reason == .overloaded)
            node.backend.release()
            for _ in 0..<5 {
                #expect(try first.frame().value() == "HELD")
                #expect(try second.frame().value() == "HELD")
            }
        }
    }

    @Test func `one connection too many is told so, and there is room again when one goes`() throws {
        try Node.run { choices, _ in
            choices.limits.connections = 4
        } _: { node in
            let context = try node.context(Domain.worker)
            var last = try Caller(node.unix, context)
            do {
                var first = try Caller(node.unix, context)
                var second = try Caller(node.tcp, context)
                var third = try Caller(node.tcp, context)
                for _ in 0..<2 {
                    #expect(try first.get("A").value() == "A")
                    #expect(try second.get("A").value() == "A")
                    #expect(try third.get("A").value() == "A")
                    #expect(try last.get("A").value() == "A")
                    var fifth = try Caller(node.unix, context)
                    #expect(try fifth.farewell() == .connectionLimit)
                }
            }
            try waitUntil("the others are gone") { node.connections == 1 }
            var next = try Caller(node.unix, context)
            #expect(try next.get("A").value() == "A")
            let refusals = node.trail.records(["operation": "connect", "reason": "CONNECTION_LIMIT"])
            #expect(refusals.count == 2)
            #expect(refusals.allSatisfy { $0["decision"] == "deny" && $0["identity"] == Domain.worker })
            #expect(node.log.lines("a connection was sent away").count == 2)
        }
    }

    @Test func `the limit of connections holds when many come at once`() throws {
        try Node.run(servesAfterwards: false) { choices, _ in
            choices.limits.connections = 10
        } _: { node in
            let context = try node.context(Domain.worker)
            let endpoint = node.unix
            let (served, isOver) = (Recorded<Int>(), Recorded<Bool>())
            let sentAway = Recorded<Int>()
            let threads = Threads()
            for index in 0..<40 {
                threads.start {
                    var caller = try Caller(endpoint, context)
                    _ = try? caller.ask("A")
                    guard let first = try caller.next(), first.header.kind == .response else {
                        return sentAway.append(index)
                    }
                    served.append(index)
                    try waitUntil("all have come") { !isOver.all.isEmpty }
                }
            }
            try waitUntil("all have come") { served.all.count + sentAway.all.count == 40 }
            isOver.append(true)
            try threads.join()
            // Whoever is sent away takes a place for a moment, so it may be fewer.
            #expect((1...10).contains(served.all.count))
        }
    }

    // MARK: The end

    @Test func `an agent that stops lets open requests finish and takes no new ones`() throws {
        try Node.run(servesAfterwards: false) { node in
            node.backend.hold("HELD")
            let context = try node.context(Domain.worker)
            var waiting = try Caller(node.unix, context)
            var idle = try Caller(node.tcp, context)
            #expect(try idle.get("A").value() == "A")
            let id = try waiting.ask("HELD")
            try waitUntil("it waits") { node.pending == 1 }
            node.drain()
            #expect(try idle.farewell() == .shuttingDown)
            let farewell = try waiting.frame()
            #expect(farewell.header.kind == .goAway)
            #expect(farewell.reason == .shuttingDown)
            _ = try? waiting.ask("LATER")
            node.backend.release()
            let answer = try waiting.frame()
            #expect(answer.header.id == id)
            #expect(try answer.value() == "HELD")
            #expect(try waiting.next() == nil)
            #expect(node.backend.reads("LATER") == 0)
            #expect(throws: (any Error).self) { _ = try Caller(node.unix, context).wasResumed }
        }
    }

    @Test func `a client that says GOAWAY gets its open answers, and then the end`() throws {
        try Node.run { node in
            node.backend.hold("HELD")
            var caller = try node.caller(Domain.worker)
            let id = try caller.ask("HELD")
            try waitUntil("it waits") { node.pending == 1 }
            try caller.send { try $0.appendFrame(.connection(.goAway)) }
            #expect(try caller.frame().header.kind == .goAway)
            node.backend.release()
            let answer = try caller.frame()
            #expect(answer.header.id == id)
            #expect(try answer.value() == "HELD")
            #expect(try caller.next() == nil)
        }
    }
}
