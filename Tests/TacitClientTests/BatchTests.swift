import SecretMemory
import Testing
import Wire

@testable import TacitClient

@Suite("Batches")
struct BatchTests {
    @Test func `all requests leave before the first answer, and results come in the order asked for`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            var requests: [Peer.Request] = []
            for _ in 0..<3 { requests.append(try peer.request(.getSecrets)) }
            for request in requests.reversed() {
                try peer.send { output in
                    let place = try output.beginFrame(.response(id: request.header.id))
                    var list = try ReferenceList(decoding: request.payload.span)
                    while let payload = list.next() {
                        let key = try ReferenceView(decoding: payload).key
                        if text(key).hasSuffix("7") {
                            let error = ErrorPayload(reason: .keyNotFound, message: text(key))
                            try output.appendResult(SecretResultView(.notFound, error))
                        } else {
                            let secret = SecretView(
                                version: Span(),
                                source: .cached,
                                age: 0,
                                expiresIn: nil,
                                namespace: Span(),
                                value: key
                            )
                            try output.appendResult(SecretResultView(secret))
                        }
                    }
                    output.endFrame(begunAt: place)
                }
            }
        }
        var client = try TacitClient(domain.options(agent.address))
        let batch = try client.get((0..<150).map { Reference("K\($0)", in: "a") })
        let count = batch.count
        #expect(count == 150)
        var seen = 0
        batch.forEach { index, result in
            switch result {
            case .found(let secret):
                #expect(text(secret.value.bytes) == "K\(index)" && index % 10 != 7)
            case .refused(let refusal):
                #expect(refusal.message == "K\(index)" && refusal.status == .notFound && index % 10 == 7)
            }
            seen += 1
        }
        #expect(seen == 150)
        let refusal = batch.refusal(at: 7)
        #expect(refusal?.reason == .keyNotFound)
        let none = batch.refusal(at: 8)
        #expect(none == nil)
        let eighth = try batch.withSecret(at: 8) { secret in text(secret.value.bytes) }
        #expect(eighth == "K8")
        #expect(throws: ClientError.self) { try batch.withSecret(at: 7) { _ in } }
        #expect(agent.finish() == [])
    }

    @Test func `what is too much for one answer is asked for in halves`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            for _ in 0..<5 {
                let request = try peer.request(.getSecrets)
                var list = try ReferenceList(decoding: request.payload.span)
                // 7 references: 7 refused, then 3 and 4; 4 refused, then 2 and 2.
                guard list.count <= 3 else {
                    let error = ErrorPayload(reason: .tooLarge, message: "too much")
                    try peer.send { try $0.appendFailure(id: request.header.id, .resourceExhausted, error) }
                    continue
                }
                try peer.send { output in
                    let place = try output.beginFrame(.response(id: request.header.id))
                    while let payload = list.next() {
                        let secret = SecretView(
                            version: Span(),
                            source: .fresh,
                            age: 0,
                            expiresIn: nil,
                            namespace: Span(),
                            value: try ReferenceView(decoding: payload).key
                        )
                        try output.appendResult(SecretResultView(secret))
                    }
                    output.endFrame(begunAt: place)
                }
            }
        }
        var client = try TacitClient(domain.options(agent.address))
        let batch = try client.get((0..<7).map { Reference("K\($0)", in: "a") })
        for index in 0..<7 {
            let value = try batch.withSecret(at: index) { secret in text(secret.value.bytes) }
            #expect(value == "K\(index)")
        }
        #expect(agent.finish() == [])
    }

    @Test func `a request that is refused as a whole refuses each of its references`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            let request = try peer.request(.getSecrets)
            let error = ErrorPayload(reason: .overloaded, message: "later")
            try peer.send { try $0.appendFailure(id: request.header.id, .unavailable, error) }
        }
        var client = try TacitClient(domain.options(agent.address))
        let batch = try client.get([Reference("A", in: "a"), Reference("B", in: "a")])
        for index in 0..<2 {
            let refusal = batch.refusal(at: index)
            #expect(refusal?.reason == .overloaded)
        }
        #expect(agent.finish() == [])
    }

    @Test func `fewer results than references are no answer`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            let request = try peer.request(.getSecrets)
            try peer.send { output in
                let place = try output.beginFrame(.response(id: request.header.id))
                try output.appendResult(SecretResultView(.notFound, ErrorPayload(reason: .keyNotFound, message: "")))
                output.endFrame(begunAt: place)
            }
        }
        var client = try TacitClient(domain.options(agent.address))
        let references = [Reference("A", in: "a"), Reference("B", in: "a")]
        let error = #expect(throws: ClientError.self) { _ = try client.get(references).count }
        #expect(error == .protocolViolation("1 results for 2 references"))
        #expect(agent.finish() == [])
    }

    @Test func `no references are no request`() throws {
        let domain = try TestDomain()
        var client = try TacitClient(domain.options(.unix(path: domain.folder + "/nobody")))
        let count = try client.get([]).count
        #expect(count == 0)
    }
}
