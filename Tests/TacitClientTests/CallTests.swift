import SecretMemory
import TLS
import Testing
import Wire

@testable import TacitClient

@Suite("Calls")
struct CallTests {
    @Test func `a secret comes with what is known of it`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            let identity = try peer.handshake()
            let request = try peer.request(.getSecret)
            guard identity == TestDomain.workerIdentity, let timeout = request.header.timeout, timeout <= 20_000 else {
                throw Peer.Failure(step: "identity, time-out")
            }
            let view = try ReferenceView(decoding: request.payload.span)
            let asked = [
                text(view.namespace), text(view.key), text(view.subkey), text(view.version), text(view.tenant),
            ]
            guard asked == ["company.team", "DB", "user", "7", "main"], view.maximumAge == 1500 else {
                throw Peer.Failure(step: "\(asked)")
            }
            let secret = SecretView(
                version: "7".utf8.span,
                source: .stale,
                age: 61_000,
                expiresIn: 250,
                namespace: "company".utf8.span,
                value: "the value".utf8.span
            )
            try peer.send { try $0.appendResponse(id: request.header.id, secret) }
            try peer.awaitEnd()
        }
        do {
            var client = try TacitClient(domain.options(agent.address))
            let reference = Reference(
                "DB",
                in: "company.team",
                subkey: "user",
                version: "7",
                maximumAge: .milliseconds(1500),
                tenant: "main"
            )
            let secret = try client.get(reference)
            #expect(text(secret.value.bytes) == "the value")
            #expect(secret.version == "7")
            #expect(secret.source == .stale)
            #expect(secret.age == .seconds(61))
            #expect(secret.expiresIn == .milliseconds(250))
            #expect(secret.namespace == "company")
            let locked = client.isTLSMemoryLocked
            #expect(locked)
        }
        #expect(agent.finish() == [])
    }

    @Test func `a refusal carries the agent's words, and the connection stays`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            for status in [Status.notFound, .unavailable] {
                let id = try peer.request(.getSecret).header.id
                let error = ErrorPayload(reason: .keyNotFound, message: "no such key", retryAfter: 30)
                try peer.send { try $0.appendFailure(id: id, status, error) }
            }
            let request = try peer.request(.getSecret)
            try peer.answer(request, value: "x")
        }
        var client = try TacitClient(domain.options(agent.address))
        for status in [Status.notFound, .unavailable] {
            let refusal = ClientError.Refusal(
                status: status,
                reason: .keyNotFound,
                message: "no such key",
                retryAfter: .milliseconds(30)
            )
            #expect(throws: ClientError.refused(refusal)) { _ = try client.get(Reference("A", in: "a")).version }
        }
        let version = try client.get(Reference("A", in: "a")).version
        #expect(version == "1")
        let connections = client.connectionCount
        #expect(connections == 1)
        #expect(agent.finish() == [])
    }

    @Test func `writing, deleting and listing`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            let put = try peer.request(.putSecret)
            let write = try PutSecretView(decoding: put.payload.span)
            let written = [text(write.namespace), text(write.key), text(write.value), text(write.description)]
            guard written == ["a.b", "K", "value", "why"], write.tags == ["owner": "ops"] else {
                throw Peer.Failure(step: "put")
            }
            try peer.send { try $0.appendFrame(.response(id: put.header.id), PutSecretAnswer(version: "2")) }
            let delete = try peer.request(.deleteSecret)
            guard try text(DeleteSecretView(decoding: delete.payload.span).key) == "K" else {
                throw Peer.Failure(step: "delete")
            }
            try peer.send { try $0.appendFrame(.response(id: delete.header.id), EmptyMessage()) }
            for page in ["", "next"] {
                let list = try peer.request(.listSecrets)
                let query = try ListSecretsView(decoding: list.payload.span)
                guard text(query.pageToken) == page, query.inherited, query.pageSize == 1, text(query.prefix) == "P"
                else {
                    throw Peer.Failure(step: "list")
                }
                let entry = ListSecretsAnswer.Entry(namespace: "a", key: "P\(page)", updatedAt: 5, tags: ["t": "1"])
                let answer = ListSecretsAnswer(entries: [entry], nextPageToken: page.isEmpty ? "next" : "")
                try peer.send { try $0.appendFrame(.response(id: list.header.id), answer) }
            }
        }
        var client = try TacitClient(domain.options(agent.address))
        let version = try client.put(
            "K",
            in: "a.b",
            value: "value".utf8.span,
            description: "why",
            tags: ["owner": "ops"]
        )
        #expect(version == "2")
        try client.delete("K", in: "a.b")
        let entries = try client.listAll(ListQuery(in: "a", prefix: "P", inherited: true, pageSize: 1))
        #expect(entries.map(\.key) == ["P", "Pnext"])
        #expect(entries[0].updatedAt == 5 && entries[0].tags == ["t": "1"] && !entries[0].readOnly)
        #expect(agent.finish() == [])
    }

    @Test func `a listing that leads nowhere ends`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            for _ in 0..<2 {
                let id = try peer.request(.listSecrets).header.id
                try peer.send { try $0.appendFrame(.response(id: id), ListSecretsAnswer(nextPageToken: "same")) }
            }
        }
        var client = try TacitClient(domain.options(agent.address))
        let error = #expect(throws: ClientError.self) { _ = try client.listAll(ListQuery(in: "a")) }
        #expect(error == .protocolViolation("a listing's next page is the same page"))
        #expect(agent.finish() == [])
    }

    @Test func `what the agent says of itself and of the caller`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            let who = try peer.request(.whoAmI).header.id
            let grant = WhoAmIAnswer.Grant(
                rule: "r",
                namespaces: ["a.**"],
                keys: ["*"],
                operations: ["get"],
                tenants: ["main"]
            )
            let identity = WhoAmIAnswer(
                identity: TestDomain.workerIdentity,
                service: "WORKER",
                tenant: "main",
                grants: [grant],
                deniedServices: ["EXECUTOR"],
                certificateExpiresAt: 1_900_000_000_000,
                peerUID: 1000,
                peerPID: 7
            )
            try peer.send { try $0.appendFrame(.response(id: who), identity) }
            let explain = try peer.request(.explain)
            let asked = try ExplainView(decoding: explain.payload.span)
            guard text(asked.operation) == "put", text(asked.namespace) == "a", text(asked.key) == "K" else {
                throw Peer.Failure(step: "explain")
            }
            let explanation = ExplainAnswer(
                reason: .readOnly,
                rule: "r",
                message: "m",
                namespaces: ["a"],
                scopes: ["s"]
            )
            try peer.send { try $0.appendFrame(.response(id: explain.header.id), explanation) }
            let health = try peer.request(.health).header.id
            let part = HealthAnswer.Part(
                name: "vault",
                status: "DOWN",
                details: [.init(name: "error", value: "refused")]
            )
            let answer = HealthAnswer(status: "SOMETHING", version: "1.2", node: "n", parts: [part])
            try peer.send { try $0.appendFrame(.response(id: health), answer) }
            let beat = try peer.request(.heartbeat)
            let view = try HeartbeatView(decoding: beat.payload.span)
            guard text(view.instance.id) == "i", view.heartbeatInterval == 3000, view.timeout == 10_000 else {
                throw Peer.Failure(step: "heartbeat")
            }
            let reply = HeartbeatAnswer(state: "RUNNING", nextBeatDue: 3000, agentStatus: "UP")
            try peer.send { try $0.appendFrame(.response(id: beat.header.id), reply) }
            let evict = try peer.request(.evict)
            guard try text(EvictView(decoding: evict.payload.span).namespace) == "a" else {
                throw Peer.Failure(step: "evict")
            }
            try peer.send { try $0.appendFrame(.response(id: evict.header.id), EvictAnswer(evicted: 3)) }
        }
        var client = try TacitClient(domain.options(agent.address))
        let identity = try client.whoAmI()
        #expect(identity.identity == TestDomain.workerIdentity && identity.service == "WORKER")
        #expect(identity.grants.map(\.namespaces) == [["a.**"]] && identity.deniedServices == ["EXECUTOR"])
        #expect(identity.peerUID == 1000 && identity.peerPID == 7 && identity.certificateExpiresAt == 1_900_000_000_000)
        let explanation = try client.explain("put", "K", in: "a")
        #expect(!explanation.allowed && explanation.reason == .readOnly && explanation.namespaces == ["a"])
        let health = try client.health()
        #expect(health.status == .unknown && health.parts.first?.status == .down && health.node == "n")
        #expect(health.parts.first?.details.first?.value == "refused")
        let reply = try client.heartbeat(
            ServiceInstance(id: "i", type: "WORKER", state: "RUNNING"),
            interval: .seconds(3),
            silence: .seconds(10)
        )
        #expect(reply.state == "RUNNING" && reply.nextBeatDue == .seconds(3) && reply.agentStatus == .up)
        let evicted = try client.evict(namespace: "a")
        #expect(evicted == 3)
        #expect(agent.finish() == [])
    }

    @Test func `instances of one process beat in one piece, and each has a reply of its own`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            var beats: [(id: UInt32, name: String)] = []
            for _ in 0..<3 {
                let beat = try peer.request(.heartbeat)
                beats.append((beat.header.id, try text(HeartbeatView(decoding: beat.payload.span).instance.id)))
            }
            // All are asked before one is answered, and answers may come in any order.
            for beat in beats.reversed() {
                if beat.name == "refused" {
                    let error = ErrorPayload(reason: .operationNotAllowed, message: "not yours")
                    try peer.send { try $0.appendFrame(.response(id: beat.id, status: .permissionDenied), error) }
                } else {
                    let reply = HeartbeatAnswer(state: beat.name, nextBeatDue: 3000, agentStatus: "UP")
                    try peer.send { try $0.appendFrame(.response(id: beat.id), reply) }
                }
            }
        }
        var client = try TacitClient(domain.options(agent.address))
        let replies = try client.heartbeats(
            ["one", "refused", "two"].map { ServiceInstance(id: $0, type: "WORKER", state: "RUNNING") },
            interval: .seconds(3),
            silence: .seconds(10)
        )
        #expect(try replies[0].get().state == "one")
        #expect(try replies[2].get().state == "two")
        guard case .failure(.refused(let refusal)) = replies[1] else {
            Issue.record("a refused beat has \(replies[1])")
            return
        }
        #expect(refusal.reason == .operationNotAllowed)
        #expect(agent.finish() == [])
    }

    @Test func `a ping is answered, and a ping of the agent's is answered too`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            guard let ping = try peer.frame(), ping.header.kind == .ping else { throw Peer.Failure(step: "ping") }
            // A pong of somebody else's is not taken for the answer.
            try peer.send { try $0.appendFrame(.connection(.pong), payload: [9, 9, 9, 9].span) }
            try peer.send { try $0.appendFrame(.connection(.pong), payload: ping.payload.span) }
            let request = try peer.request(.getSecret)
            try peer.send { try $0.appendFrame(.connection(.ping), payload: [1, 2, 3].span) }
            guard let pong = try peer.frame(), pong.header.kind == .pong, pong.payload == [1, 2, 3] else {
                throw Peer.Failure(step: "pong")
            }
            try peer.answer(request, value: "x")
        }
        var client = try TacitClient(domain.options(agent.address))
        let taken = try client.ping()
        #expect(taken > .zero)
        let count = try client.get(Reference("A", in: "a")).value.count
        #expect(count == 1)
        #expect(agent.finish() == [])
    }

    @Test func `an answer that trickles in byte by byte is the same answer`() throws {
        let domain = try TestDomain()
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            let request = try peer.request(.getSecret)
            var buffer = SecretBuffer(limit: 1000)
            let secret = SecretView(
                version: Span(),
                source: .cached,
                age: 1,
                expiresIn: 2,
                namespace: Span(),
                value: "trickle".utf8.span
            )
            try buffer.appendResponse(id: request.header.id, secret)
            try peer.send(buffer.bytes, piece: 1)
        }
        var client = try TacitClient(domain.options(agent.address))
        let secret = try client.get(Reference("A", in: "a"))
        #expect(text(secret.value.bytes) == "trickle")
        #expect(agent.finish() == [])
    }

    @Test func `the largest answer and a large request go through`() throws {
        let domain = try TestDomain()
        let size = (1 << 20) - 100
        let agent = try ScriptedAgent(domain) { peer in
            try peer.handshake()
            // A frame as large as this is taken only after a small one.
            guard let first = try peer.frame(), first.header.kind == .ping else { throw Peer.Failure(step: "first") }
            try peer.send { try $0.appendFrame(.connection(.pong), payload: first.payload.span) }
            let put = try peer.request(.putSecret)
            guard try PutSecretView(decoding: put.payload.span).value.count == size else {
                throw Peer.Failure(step: "size")
            }
            try peer.send { try $0.appendFrame(.response(id: put.header.id), PutSecretAnswer(version: "")) }
            let get = try peer.request(.getSecret)
            let value = [UInt8](repeating: 0x41, count: size)
            let secret = SecretView(
                version: Span(),
                source: .fresh,
                age: 0,
                expiresIn: nil,
                namespace: Span(),
                value: value.span
            )
            try peer.send { try $0.appendResponse(id: get.header.id, secret) }
        }
        var client = try TacitClient(domain.options(agent.address))
        let value = [UInt8](repeating: 0x42, count: size)
        try client.put("K", in: "a", value: value.span)
        let secret = try client.get(Reference("K", in: "a"))
        #expect(secret.value.count == size && secret.value.bytes[size - 1] == 0x41)
        #expect(agent.finish() == [])
    }

    @Test func `a request that no agent would take is not sent`() throws {
        let domain = try TestDomain()
        var client = try TacitClient(domain.options(.unix(path: domain.folder + "/nobody")))
        let value = [UInt8](repeating: 0x42, count: 1 << 20)
        let error = #expect(throws: ClientError.self) { try client.put("K", in: "a", value: value.span) }
        guard case .refused(let refusal) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(refusal.reason == .tooLarge && error?.category == .negative)
        let tags = Dictionary(uniqueKeysWithValues: (0..<65).map { ("\($0)", "") })
        let usage = #expect(throws: ClientError.self) { try client.put("K", in: "a", value: [1].span, tags: tags) }
        #expect(usage?.category == .usage)
    }
}
