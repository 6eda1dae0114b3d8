import Foundation
import SecretMemory
import TacitClient
import Wire

/// What clients do with an agent, and the values that they do it with.
struct Work: Sendable {
    let scene: Scene
    let plain = Canary.many(16, "stored value")
    let other = Canary.many(8, "stored value of another scope")
    let fields = Canary.many(8, "field of a JSON value")
    let nested = Canary.many(8, "nested field of a JSON value")
    /// Written many times over, so that it takes many records and moves from buffer to buffer.
    let large = Canary("large value")
    let denied = Canary("value of a denied put")
    let cancelled = Canary.many(16, "value of a cancelled put")
    let cutShort = Canary("value of a put that was cut short")
    let nonsense = Canary.many(3, "request that is nonsense")
    let deleted = Canary("deleted value")

    init(_ scene: Scene) { self.scene = scene }

    /// Values that come and go. Afterwards nothing of them may be left.
    var passing: [Canary] {
        plain + other + fields + nested + cancelled + nonsense + [large, denied, cutShort, deleted]
    }

    /// Values that ``hold()`` leaves in the agent's cache.
    var held: [Canary] { plain + other + fields + nested + [large] + scene.environment }

    private func json(_ index: Int) throws -> [UInt8] {
        let object: [String: Any] = [
            "user": "app", "password": fields[index].text, "inner": ["token": nested[index].text, "port": 5432],
        ]
        return Array(try JSONSerialization.data(withJSONObject: object, options: .sortedKeys))
    }

    private var largeValue: [UInt8] { Array(repeating: large.bytes, count: 6000).flatMap { $0 } }

    private func client(_ name: String, unix: Bool) throws -> TacitClient {
        try TacitClient(scene.workspace.options(name, unix: unix))
    }

    // MARK: Writing

    /// Stores everything, through both kinds of socket.
    func store() throws {
        for unix in [true, false] {
            var client = try client("operator", unix: unix)
            try store(unix ? 0 : 1, &client)
            try storeAndDelete(&client)
        }
    }

    /// Half of the values: those with even or with odd numbers.
    private func store(_ half: Int, _ client: inout TacitClient) throws {
        for (index, canary) in plain.enumerated() where index % 2 == half {
            try client.write("PLAIN_\(index)", "company.team", canary.bytes)
        }
        for (index, canary) in other.enumerated() where index % 2 == half {
            try client.write("OTHER_\(index)", "company.other", canary.bytes)
        }
        for index in fields.indices where index % 2 == half {
            try client.write("JSON_\(index)", "company.team", json(index))
        }
        try client.write("LARGE", "company.team", largeValue)
    }

    private func storeAndDelete(_ client: inout TacitClient) throws {
        try client.write("DELETED", "company.team", deleted.bytes)
        try client.read("DELETED", "company.team", deleted.bytes)
        try client.delete("DELETED", in: "company.team")
    }

    // MARK: Reading

    /// Reads everything that is to stay in the cache.
    func hold(unix: Bool = true) throws {
        var client = try client("worker", unix: unix)
        for (index, canary) in plain.enumerated() { try client.read("PLAIN_\(index)", "company.team", canary.bytes) }
        for (index, canary) in other.enumerated() { try client.read("OTHER_\(index)", "company.other", canary.bytes) }
        for canary in scene.environment { try client.read(Scene.key(canary), "company.environment", canary.bytes) }
        for index in fields.indices { try client.read("JSON_\(index)", "company.team", json(index)) }
        try client.read("LARGE", "company.team", largeValue)
    }

    /// Every other way to ask.
    func ask(unix: Bool) throws {
        var client = try client("worker", unix: unix)
        for index in fields.indices {
            let subkey = try client.get(Reference("JSON_\(index)", in: "company.team.sub", subkey: "password"))
            try Expected.value(subkey.value, fields[index].bytes)
            let inner = try client.get(Reference("JSON_\(index)", in: "company.team", subkey: "inner"))
            guard inner.value.count > nested[index].bytes.count else { throw Programs.Failure("no inner object") }
        }
        let references =
            plain.indices.map { Reference("PLAIN_\($0)", in: "company.team") }
            + other.indices.map { Reference("OTHER_\($0)", in: "company.other") }
            + fields.indices.map { Reference("JSON_\($0)", in: "company.team", subkey: "password") }
            + [Reference("NO_SUCH", in: "company.team"), Reference("PLAIN_0", in: "company.team", subkey: "x")]
        let batch = try client.get(references)
        let refusals = references.indices.filter { batch.refusal(at: $0) != nil }.count
        guard refusals == 2 else { throw Programs.Failure("\(refusals) references of a batch were refused") }
        _ = try client.listAll(ListQuery(in: "company.team", inherited: true))
        try askInVain(&client)
        var executor = try self.client("executor", unix: unix)
        try Expected.refusal { _ = try executor.get(Reference("PLAIN_0", in: "company.team")) }
    }

    private func askInVain(_ client: inout TacitClient) throws {
        try Expected.refusal { _ = try client.get(Reference("NO_SUCH", in: "company.team")) }
        try Expected.refusal { _ = try client.get(Reference("PLAIN_0", in: "elsewhere")) }
        try Expected.refusal { _ = try client.get(Reference("PLAIN_1", in: "company.team", subkey: "password")) }
        try Expected.refusal { _ = try client.get(Reference("JSON_0", in: "company.team", subkey: "no such")) }
        try Expected.refusal { try client.write("X", "company.team", denied.bytes) }
    }

    // MARK: Giving up

    /// Requests that are given up, cut short, or no requests at all.
    func misbehave() throws {
        var peer = try RawPeer(scene.workspace, as: "operator")
        try peer.send { output in
            for (index, canary) in cancelled.enumerated() {
                try output.appendPut("CANCELLED", canary.bytes, id: UInt32(index + 1))
                try output.appendCancel(of: UInt32(index + 1))
            }
            for index in plain.indices {
                // Half of them are given up, the others have a millisecond.
                try output.appendGet("PLAIN_\(index)", id: UInt32(100 + index), timeout: 1)
                if index % 2 == 0 { try output.appendCancel(of: UInt32(100 + index)) }
            }
            // A method that nobody has, and a request that cannot be read.
            let (unknown, unreadable) = (nonsense[0].bytes, nonsense[1].bytes)
            try output.appendFrame(.request(Method(rawValue: 999), id: 500), payload: unknown.span)
            try output.appendFrame(.request(.getSecret, id: 501), payload: unreadable.span)
        }
        _ = try peer.takeResponses(cancelled.count + plain.count + 2)
        // The connection ends in the middle of a frame.
        try peer.send(allBut: 1) { try $0.appendPut("CUT", cutShort.bytes, id: 600) }
        // What is no frame at all.
        var stranger = try RawPeer(scene.workspace, as: "operator")
        let noise = Array(repeating: nonsense[2].bytes, count: 3).flatMap { $0 }
        try stranger.send { try $0.append(noise.span) }
        // A client that never reads its answers.
        var silent = try RawPeer(scene.workspace, as: "worker")
        try silent.send { output in
            for id in 1...64 { try output.appendGet("LARGE", id: UInt32(id)) }
        }
    }

    // MARK: Load

    /// A client in an array.
    private final class Connected {
        var client: TacitClient
        init(_ client: consuming TacitClient) { self.client = client }
    }

    /// Many connections over both kinds of socket, from several threads, that fetch all of the environment file in batches
    /// and the stored values one by one.
    ///
    /// - Parameter meanwhile: runs on the calling thread while the load lasts, again and again.
    func load(connections: Int, threads: Int, meanwhile: () throws -> Void) throws {
        let done = DispatchGroup()
        let problems = Problems()
        for thread in 0..<threads {
            done.enter()
            Thread.detachNewThread {
                do { try run(thread, of: threads, connections / threads) } catch { problems.add("\(error)") }
                done.leave()
            }
        }
        repeat { try meanwhile() } while done.wait(timeout: .now()) == .timedOut
        if let first = problems.first { throw Programs.Failure(first) }
    }

    private func run(_ thread: Int, of threads: Int, _ connections: Int) throws {
        let clients = try (0..<connections).map { Connected(try client("worker", unix: $0 % 2 == 0)) }
        for connected in clients { try connected.client.connect() }
        let share = scene.environmentFile.indices.filter { $0 % threads == thread }
        for (turn, start) in stride(from: 0, to: share.count, by: 64).enumerated() {
            let part = share[start..<min(start + 64, share.count)].map { scene.environmentFile[$0] }
            let connected = clients[turn % clients.count]
            let batch = try connected.client.get(part.map { Reference(Scene.key($0), in: "company.environment") })
            for (index, canary) in part.enumerated() {
                try batch.withSecret(at: index) { secret throws(ClientError) in
                    guard secret.value.count == canary.bytes.count else { throw .protocolViolation("a wrong value") }
                }
            }
        }
        for (turn, connected) in clients.enumerated() {
            let index = turn % plain.count
            try connected.client.read("PLAIN_\(index)", "company.team", plain[index].bytes)
        }
    }

    private final class Problems: @unchecked Sendable {  // Sound: used under its lock.
        private let lock = NSLock()
        private var texts: [String] = []
        func add(_ text: String) { lock.withLock { texts.append(text) } }
        var first: String? { lock.withLock { texts.first } }
    }
}
