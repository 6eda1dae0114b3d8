import SecretMemory
import Testing
import Wire

@testable import TacitClient

@Suite("Agents that misbehave")
struct HostileAgentTests {
    private let reference = Reference("A", in: "a")

    /// What the client says of an agent that answers a GetSecret with these bytes; the next call must find a new
    /// connection.
    private func answer(_ write: @escaping @Sendable (UInt32, inout SecretBuffer) throws -> Void) throws -> ClientError?
    {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try peer.handshake()
                let request = try peer.request(.getSecret)
                try peer.send { try write(request.header.id, &$0) }
                try peer.awaitEnd()
            },
            { peer in
                try peer.handshake()
                let request = try peer.request(.getSecret)
                try peer.answer(request, value: "x")
            }
        )
        var client = try TacitClient(domain.options(agent.address))
        let error = #expect(throws: ClientError.self) { _ = try client.get(reference).version }
        let version = try client.get(reference).version
        #expect(version == "1")
        #expect(agent.finish() == [])
        return error
    }

    @Test func `frames that break the rules`() throws {
        let frames: [[UInt8]] = [
            [0, 0, 0, 11, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0],  // too short
            [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0],  // too long
            [0, 0, 0, 12, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0],  // no such kind
            [0, 0, 0, 12, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0],  // a flag
            [0, 0, 0, 12, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0],  // a request
            [0, 0, 0, 12, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],  // no id
        ]
        for frame in frames {
            let error = try answer { _, output in try output.append(frame.span) }
            guard case .protocolViolation = error else {
                Issue.record("\(frame): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func `answers to nothing that was asked`() throws {
        let unknown = try answer { id, output in try output.appendFrame(.response(id: id &+ 1)) }
        #expect(unknown == .protocolViolation("a frame of kind 2 answers no open request (id 2)"))
        let item = try answer { id, output in try output.appendFrame(FrameHeader(payloadCount: 0, id: id, kind: .item))
        }
        #expect(item == .protocolViolation("a frame of kind 3 answers no open request (id 1)"))
    }

    @Test func `payloads that are no messages`() throws {
        let payload: [UInt8] = [0x0A, 0x05, 0x01]
        let ok = try answer { id, output in try output.appendFrame(.response(id: id), payload: payload.span) }
        #expect(ok == .protocolViolation("in an answer, a field is not whole (at byte 1)"))
        let failed = try answer { id, output in
            try output.appendFrame(.response(id: id, status: .notFound), payload: payload.span)
        }
        #expect(failed == .protocolViolation("in an answer, a field is not whole (at byte 1)"))
        let farewell = try answer { _, output in try output.appendFrame(.connection(.goAway), payload: payload.span) }
        #expect(farewell == .protocolViolation("in a GOAWAY, a field is not whole (at byte 1)"))
    }

    @Test func `random answers are an error and never a trap`() throws {
        var state: UInt64 = 7
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let domain = try TestDomain()
        for _ in 0..<40 {
            let payload = (0..<Int(random() % 60)).map { _ in UInt8(truncatingIfNeeded: random()) }
            let method: Wire.Method = random() % 2 == 0 ? .getSecrets : .whoAmI
            let agent = try ScriptedAgent(domain) { peer in
                try peer.handshake()
                let request = try peer.request(method)
                try peer.send { try $0.appendFrame(.response(id: request.header.id), payload: payload.span) }
            }
            var client = try TacitClient(domain.options(agent.address))
            do throws(ClientError) {
                if method == .whoAmI {
                    _ = try client.whoAmI()
                } else {
                    _ = try client.get([reference, reference]).count
                }
            } catch {
                guard case .protocolViolation = error else {
                    Issue.record("\(error): \(payload)")
                    continue
                }
            }
            #expect(agent.finish() == [])
        }
    }

    @Test func `an agent that says nothing is given up in time`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try peer.handshake()
                _ = try peer.request(.getSecret)
                try peer.awaitEnd()
            }
        )
        var client = try TacitClient(domain.options(agent.address, timeout: .milliseconds(300)))
        let start = ContinuousClock.now
        let error = #expect(throws: ClientError.self) { _ = try client.get(reference).version }
        let taken = start.duration(to: .now)
        #expect(error == .timedOut(after: .milliseconds(300)))
        #expect(taken >= .milliseconds(300) && taken < .seconds(10))
        #expect(agent.finish() == [])
    }

    @Test func `an agent that keeps talking does not buy itself time`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try peer.handshake()
                _ = try peer.request(.getSecret)
                // Until the client hangs up, which makes the write fail.
                do { while true { try peer.send { try $0.appendFrame(.connection(.pong)) } } } catch {}
            }
        )
        var client = try TacitClient(domain.options(agent.address, timeout: .milliseconds(300)))
        let start = ContinuousClock.now
        let error = #expect(throws: ClientError.self) { _ = try client.get(reference).version }
        #expect(error == .timedOut(after: .milliseconds(300)))
        #expect(start.duration(to: .now) < .seconds(10))
        #expect(agent.finish() == [])
    }

    @Test func `an agent that never makes the handshake is given up in time`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain)
        var client = try TacitClient(domain.options(agent.address, timeout: .milliseconds(200)))
        let error = #expect(throws: ClientError.self) { try client.connect() }
        #expect(error == .timedOut(after: .milliseconds(200)))
        #expect(error?.category == .unavailable)
        #expect(agent.finish() == [])
    }
}
