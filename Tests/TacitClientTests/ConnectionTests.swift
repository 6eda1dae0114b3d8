import SecretMemory
import Testing
import Wire

@testable import TacitClient

@Suite("Connections that end")
struct ConnectionTests {
    private let reference = Reference("A", in: "a")

    /// Answers one GetSecret.
    private static let answerOnce: ScriptedAgent.Script = { peer in
        try peer.handshake()
        let request = try peer.request(.getSecret)
        try peer.answer(request, value: "x")
    }

    @Test(arguments: [true, false])
    func `a connection that ended between two calls is replaced, and the session taken up`(saysGoodbye: Bool) throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try Self.answerOnce(&peer)
                if saysGoodbye { try peer.goAway(.shuttingDown) } else { peer.close() }
            },
            { peer in
                try peer.handshake()
                let put = try peer.request(.putSecret)
                try peer.send { try $0.appendFrame(.response(id: put.header.id), PutSecretAnswer(version: "2")) }
                try peer.awaitEnd()
            }
        )
        do {
            var client = try TacitClient(domain.options(agent.address))
            _ = try client.get(reference).version
            try waitForEnd(of: &client)
            // Not even a write is in danger of being carried out twice: it was not sent before.
            let version = try client.put("K", in: "a", value: [1].span)
            #expect(version == "2")
            let (count, resumed) = (client.connectionCount, client.wasResumed)
            #expect(count == 2)
            #expect(resumed)
        }
        #expect(agent.finish() == [])
    }

    @Test func `a read is made again where the kept connection is lost after it was sent`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try Self.answerOnce(&peer)
                _ = try peer.request(.getSecret)
            },
            Self.answerOnce
        )
        var client = try TacitClient(domain.options(agent.address))
        for _ in 0..<2 {
            let version = try client.get(reference).version
            #expect(version == "1")
        }
        #expect(agent.finish() == [])
    }

    @Test func `a write is not made again where the kept connection is lost after it was sent`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try Self.answerOnce(&peer)
                _ = try peer.request(.putSecret)
            }
        )
        var client = try TacitClient(domain.options(agent.address))
        _ = try client.get(reference).version
        let error = #expect(throws: ClientError.self) { try client.put("K", in: "a", value: [1].span) }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let count = client.connectionCount
        #expect(count == 1)
        #expect(agent.finish() == [])
    }

    @Test func `a read is made three times at most where each connection is lost after it was sent`() throws {
        let domain = try TestDomain()
        let take: ScriptedAgent.Script = { peer in
            try peer.handshake()
            _ = try peer.request(.getSecret)
        }
        let agent = try ScriptedAgent(domain, take, take, take)
        var client = try TacitClient(domain.options(agent.address))
        let error = #expect(throws: ClientError.self) { _ = try client.get(reference).version }
        #expect(error?.category == .unavailable)
        let count = client.connectionCount
        #expect(count == 3)
        #expect(agent.finish() == [])
    }

    @Test func `a write is made again where the agent cut the handshake, since it was not sent`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { _ in },
            { _ in },
            { peer in
                try peer.handshake()
                let put = try peer.request(.putSecret)
                try peer.send { try $0.appendFrame(.response(id: put.header.id), PutSecretAnswer(version: "2")) }
                try peer.awaitEnd()
            }
        )
        do {
            var client = try TacitClient(domain.options(agent.address))
            let version = try client.put("K", in: "a", value: [1].span)
            #expect(version == "2")
        }
        #expect(agent.finish() == [])
    }

    @Test func `a read is made again on new connections for as long as agents say that they are shutting down`() throws
    {
        let domain = try TestDomain()
        let leave: ScriptedAgent.Script = { peer in
            try peer.handshake()
            _ = try peer.request(.getSecret)
            try peer.goAway(.shuttingDown)
        }
        let agent = try ScriptedAgent(domain, leave, leave, leave, leave, Self.answerOnce)
        var client = try TacitClient(domain.options(agent.address))
        let version = try client.get(reference).version
        #expect(version == "1")
        #expect(agent.finish() == [])
    }

    @Test func `an agent that says why it hangs up is quoted`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try peer.handshake()
                _ = try peer.request(.getSecret)
                try peer.goAway(.connectionLimit, retryAfter: 200)
            }
        )
        var client = try TacitClient(domain.options(agent.address))
        let error = #expect(throws: ClientError.self) { _ = try client.get(reference).version }
        let refusal = ClientError.Refusal(
            status: .unavailable,
            reason: .connectionLimit,
            message: "bye",
            retryAfter: .milliseconds(200)
        )
        #expect(error == .refused(refusal))
        #expect(error?.category == .unavailable)
        #expect(agent.finish() == [])
    }

    @Test func `an agent that goes away still finishes what is open`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try peer.handshake()
                let request = try peer.request(.getSecret)
                try peer.goAway(.shuttingDown)
                try peer.answer(request, value: "last")
                try peer.awaitEnd()
            },
            Self.answerOnce
        )
        var client = try TacitClient(domain.options(agent.address))
        for value in ["last", "x"] {
            let secret = try client.get(reference)
            #expect(text(secret.value.bytes) == value)
        }
        #expect(agent.finish() == [])
    }

    @Test func `a batch that meets a goodbye is made again on a new connection`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try Self.answerOnce(&peer)
                _ = try peer.request(.getSecrets)
                try peer.goAway(.shuttingDown)
            },
            { peer in
                try peer.handshake()
                for _ in 0..<2 {
                    let request = try peer.request(.getSecrets)
                    let count = try ReferenceList(decoding: request.payload.span).count
                    try peer.send { output in
                        let place = try output.beginFrame(.response(id: request.header.id))
                        for _ in 0..<count {
                            let error = ErrorPayload(reason: .keyNotFound, message: "")
                            try output.appendResult(SecretResultView(.notFound, error))
                        }
                        output.endFrame(begunAt: place)
                    }
                }
            }
        )
        var client = try TacitClient(domain.options(agent.address))
        _ = try client.get(reference).version
        let batch = try client.get((0..<70).map { Reference("K\($0)", in: "a") })
        let refusal = batch.refusal(at: 69)
        #expect(refusal?.status == .notFound)
        #expect(agent.finish() == [])
    }

    @Test func `a closed client connects again`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(
            domain,
            { peer in
                try Self.answerOnce(&peer)
                try peer.awaitEnd()
            },
            Self.answerOnce
        )
        var client = try TacitClient(domain.options(agent.address))
        _ = try client.get(reference).version
        client.close()
        _ = try client.get(reference).version
        let resumed = client.wasResumed
        #expect(resumed)
        #expect(agent.finish() == [])
    }

    @Test func `a certificate that was replaced is shown on the next connection`() throws {
        let domain = try TestDomain()
        let other = "spiffe://example.org/tenant/main/service/scheduler"
        let agent = try ScriptedAgent(
            domain,
            Self.answerOnce,
            { peer in
                guard try peer.handshake() == other else { throw Peer.Failure(step: "identity") }
                let request = try peer.request(.getSecret)
                try peer.answer(request, value: "x")
            }
        )
        var client = try TacitClient(domain.options(agent.address))
        _ = try client.get(reference).version
        client.close()
        try domain.issueWorker(other)
        _ = try client.get(reference).version
        #expect(agent.finish() == [])
    }

    /// The end of the agent's script has been read, or is there to be read.
    private func waitForEnd(of client: inout TacitClient) throws {
        let deadline = Deadline(after: .seconds(10))
        while client.isConnected() {
            guard !deadline.isOver else { throw Peer.Failure(step: "the connection did not end") }
        }
    }
}
