import ManagerFakes
import ScriptedTime
import Secrets
import Testing

@testable import Backends

@Suite("The nodes of a cluster")
struct ClusterNodesTests {
    private let time = ScriptedTime(.skips)

    @Test("nodes that answer take turns, and each request has all of them to fall back on")
    func turns() {
        let nodes = ClusterNodes(["a", "b", "c"], time: time.source)
        let orders = (0..<3).map { _ in nodes.order() }
        #expect(Set(orders.map(\.[0])) == [0, 1, 2])
        #expect(orders.allSatisfy { $0.sorted() == [0, 1, 2] })
    }

    @Test(
        "a node that fails is left alone for a second, then twice as long, up to a minute, and forgiven once it answers"
    )
    func rests() {
        let nodes = ClusterNodes(["a", "b"], time: time.source)
        var rest = Duration.seconds(1)
        for _ in 0..<9 {
            nodes.failed(1)
            time.advance(by: rest - .milliseconds(1))
            #expect(nodes.order() == [0])
            time.advance(by: .milliseconds(1))
            #expect(nodes.order().sorted() == [0, 1])
            rest = min(rest * 2, .seconds(60))
        }
        nodes.succeeded(1)
        nodes.failed(1)
        time.advance(by: .seconds(1))
        #expect(nodes.order().sorted() == [0, 1])
    }

    @Test("where all are left alone, one is asked: the one whose time is over first")
    func allDown() {
        let nodes = ClusterNodes(["a", "b", "c"], time: time.source)
        for node in [1, 1, 0, 0, 2] { nodes.failed(node) }
        #expect(nodes.order() == [2])
    }

    @Test(
        "one node that is down keeps nobody from reading and writing, and is asked again when its time is over",
        arguments: ["drop", "error"]
    )
    func failover(fault: String) async throws {
        let scene = try ElasticsearchScene()
        let backend = try scene.backend(hosts: [scene.fake.address, scene.second], time: time.source)
        try await backend.connect()
        try scene.fake.fault(fault, times: 0, ["listener": "second", "status": 503, "html": true])
        for index in 0..<6 {
            try await backend.write(name("KEY\(index)"), [UInt8(index)])
            #expect(try await backend.read(name("KEY\(index)")) == [UInt8(index)])
        }
        #expect(try (0..<6).allSatisfy { try scene.source("KEY\($0)")["version"] as? Int == 1 })
        let met = try scene.fake.requests().count { $0.fault != nil }
        #expect(met >= 1 && met <= 8, "\(met)")
        try scene.fake.clearFaults()
        try scene.fake.clearRequests()
        time.advance(by: .seconds(60))
        for index in 0..<6 { #expect(try await backend.read(name("KEY\(index)")) == [UInt8(index)]) }
        #expect(Set(try scene.fake.requests().map(\.listener)) == ["tls", "second"])
    }

    @Test("a host that nobody listens on is passed over, and all that fail are named")
    func nobody() async throws {
        let scene = try ElasticsearchScene()
        let nowhere = "https://localhost:1"
        let backend = try scene.backend(hosts: [nowhere, scene.fake.address])
        try await backend.write(name("KEY"), [7])
        #expect(try await backend.read(name("KEY")) == [7])
        let alone = try scene.backend(hosts: [nowhere, "https://localhost:2"])
        guard case .unavailable(let detail, _) = await alone.failure() else {
            Issue.record("nobody answered")
            return
        }
        #expect(detail.contains("localhost:1") && detail.contains("localhost:2"), "\(detail)")
    }

    @Test("a caller who gives up says nothing of a node")
    func givingUp() async throws {
        let scene = try ElasticsearchScene()
        let backend = try scene.backend(hosts: [scene.fake.address, scene.second], time: time.source)
        try await backend.connect()
        try scene.fake.fault("hang", times: 0, path: "/_doc/")
        let reading = Task { await backend.failure() }
        while try scene.fake.requests().allSatisfy({ $0.fault == nil }) { await Task.yield() }
        reading.cancel()
        _ = await reading.value
        try scene.fake.clearFaults()
        try scene.fake.clearRequests()
        for _ in 0..<4 { _ = await backend.failure() }
        #expect(Set(try scene.fake.requests().map(\.listener)) == ["tls", "second"])
    }
}
