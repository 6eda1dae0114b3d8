import Foundation
import ManagerFakes
import TacitClient
import Wire

/// What clients do with an agent whose manager is a fake, log-in by log-in.
struct ManagedWork: Sendable {
    /// Values of one namespace.
    struct Values: Sendable {
        let login: ManagerSetup.Login
        let plain: [Canary]
        let field: Canary
        let nested: Canary
        /// Written many times over.
        let large: Canary
        private let largeRepeats: Int
        let deleted: Canary

        init(_ login: ManagerSetup.Login, largeRepeats: Int) {
            self.login = login
            self.largeRepeats = largeRepeats
            plain = Canary.many(3, "value by \(login.name)")
            field = Canary("field by \(login.name)")
            nested = Canary("nested field by \(login.name)")
            large = Canary("large value by \(login.name)")
            deleted = Canary("deleted value by \(login.name)")
        }

        var all: [Canary] { plain + [field, nested, large, deleted] }

        func json() throws -> [UInt8] {
            let object: [String: Any] = ["password": field.text, "inner": ["token": nested.text]]
            return Array(try JSONSerialization.data(withJSONObject: object, options: .sortedKeys))
        }

        var largeBytes: [UInt8] { Array(repeating: large.bytes, count: largeRepeats).flatMap { $0 } }
    }

    let scene: ManagedScene
    private let values: [Values]
    private let faulty: [Canary]
    private let cancelled = Canary.many(4, "value of a cancelled put")

    /// Kinds of faults, with what they take.
    private static let faults: [(kind: String, more: [String: Int])] = [
        ("cut", [:]), ("wrong-json", [:]), ("error", ["status": 503]), ("throttle", [:]), ("drop", [:]), ("hang", [:]),
        ("huge", ["bytes": 5 << 20]),
    ]

    init(_ scene: ManagedScene) {
        self.scene = scene
        values = scene.setup.logins.map { Values($0, largeRepeats: scene.setup.largeRepeats) }
        faulty = Self.faults.map { Canary("value of a put that met \($0.kind)") }
    }

    /// Values that come and go. Afterwards nothing of them may be left.
    var passing: [Canary] { values.flatMap(\.all) + faulty + cancelled }

    /// Values that ``hold()`` leaves in the agent's cache as they are.
    var held: [Canary] { values.flatMap(\.plain) + values.map(\.large) }

    private func client(_ name: String) throws -> TacitClient {
        try TacitClient(scene.workspace.options(name, unix: true))
    }

    // MARK: All goes well

    /// Writes, reads in every way, lists and deletes, with what every log-in gives.
    func use() throws {
        for values in values {
            do { try use(values) } catch { throw Programs.Failure("\(values.login.name): \(error)") }
        }
    }

    private func use(_ values: Values) throws {
        let place = values.login.namespace
        try write(values)
        var reader = try client("worker")
        let subkey = try reader.get(Reference("JSON", in: place, subkey: "password"))
        try Expected.value(subkey.value, values.field.bytes)
        _ = try reader.get(Reference("JSON", in: place, subkey: "inner"))
        let references = values.plain.indices.map { Reference("PLAIN_\($0)", in: place, maximumAge: .zero) }
        let batch = try reader.get(references + [Reference("NO_SUCH", in: place)])
        guard batch.refusal(at: references.count) != nil,
            references.indices.allSatisfy({ batch.refusal(at: $0) == nil })
        else { throw Programs.Failure("a batch was answered wrongly") }
        if !isReadOnly { _ = try reader.listAll(ListQuery(in: place)) }
    }

    private var isReadOnly: Bool { scene.setup.fake.isReadOnly }

    private func write(_ values: Values) throws {
        let place = values.login.namespace
        var kept = values.plain.enumerated().map { (key: "PLAIN_\($0)", bytes: $1.bytes) }
        kept += [("JSON", try values.json()), ("LARGE", values.largeBytes)]
        guard !isReadOnly else {
            for (key, bytes) in kept {
                try scene.setup.fake.store(key, String(decoding: bytes, as: UTF8.self), in: place)
            }
            return
        }
        var writer = try client("operator")
        for (key, bytes) in kept { try writer.write(key, place, bytes) }
        try writer.write("DELETED", place, values.deleted.bytes)
        try writer.delete("DELETED", in: place)
    }

    /// Reads everything that is to stay in the cache.
    func hold() throws {
        var client = try client("worker")
        for values in values {
            let place = values.login.namespace
            for (index, canary) in values.plain.enumerated() {
                try client.read("PLAIN_\(index)", place, canary.bytes)
            }
            try client.read("JSON", place, values.json())
            try client.read("LARGE", place, values.largeBytes)
        }
    }

    func evictAll() throws {
        var client = try client("operator")
        var evicted = 0
        for login in scene.setup.logins { evicted += try client.evict(tenant: "main", namespace: login.namespace) }
        guard evicted >= held.count else { throw Programs.Failure("not everything was evicted") }
    }

    // MARK: Something goes wrong

    /// Reads and writes that meet faults half-way; whether they succeed later is not looked at.
    func meetFaults() throws {
        let fake = scene.setup.fake
        let last = try last()
        var client = try client("operator")
        for ((kind, more), canary) in zip(Self.faults, faulty) {
            if kind != "hang" {
                try fake.fault(kind, more)
                try failing { try client.read("PLAIN_0", last.login.namespace, last.plain[0].bytes) }
            }
            if !isReadOnly {
                try fake.fault(kind, more)
                try failing { try client.write("FAULTY", last.login.namespace, canary.bytes) }
            }
            try fake.clearFaults()
        }
    }

    /// Log-ins that meet faults half-way.
    func failToLogIn() throws {
        guard let loginPath = scene.setup.loginPath else { return }
        let fake = scene.setup.fake
        let last = try last()
        var client = try client("worker")
        for (kind, more) in Self.faults + [("refuse-login", [:])] {
            try fake.fault("expired-token")
            try fake.fault(kind, path: loginPath, more)
            try failing { try client.read("PLAIN_0", last.login.namespace, last.plain[0].bytes) }
            let met = try fake.requests().last { $0.fault == kind }
            guard met != nil else { throw Programs.Failure("no log-in met the fault \(kind)") }
            try fake.clearFaults()
            try fake.clearRequests()
            try untilRead(last, &client)
        }
    }

    private func last() throws -> Values {
        guard let last = values.last else { throw Programs.Failure("there is no log-in") }
        return last
    }

    private func failing(_ body: () throws -> Void) throws {
        do { try body() } catch ClientError.refused {}
    }

    /// A log-in that was refused is not repeated at once.
    private func untilRead(_ values: Values, _ client: inout TacitClient) throws {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            do {
                return try client.read("PLAIN_0", values.login.namespace, values.plain[0].bytes)
            } catch ClientError.refused { usleep(100_000) }
        }
        throw Programs.Failure("the agent did not log in again")
    }

    /// Callers that give up, or have no time, while the manager is slow.
    func giveUp() throws {
        let fake = scene.setup.fake
        try fake.fault("slow", times: 0, ["seconds": 1])
        let place = try last().login.namespace
        var peer = try RawPeer(scene.workspace, as: "operator")
        try peer.send { output in
            for (index, canary) in cancelled.enumerated() {
                try output.appendPut("CANCELLED", in: place, canary.bytes, id: UInt32(index + 1))
                try output.appendGet("PLAIN_\(index % 3)", in: place, id: UInt32(index + 101), timeout: 300)
            }
        }
        usleep(200_000)
        try peer.send { output in
            for index in cancelled.indices { try output.appendCancel(of: UInt32(index + 1)) }
        }
        _ = try peer.takeResponses(2 * cancelled.count)
        try fake.clearFaults()
    }
}
