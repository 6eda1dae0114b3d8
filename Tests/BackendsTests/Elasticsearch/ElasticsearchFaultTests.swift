import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Elasticsearch: what goes wrong")
struct ElasticsearchFaultTests {
    private let scene: ElasticsearchScene
    private let backend: any SecretBackend

    init() async throws {
        scene = try ElasticsearchScene()
        backend = try scene.backend()
        try await backend.write(name("KEY"), Array("made up".utf8))
    }

    private static let blocked = #"{"error":{"type":"cluster_block_exception"},"status":403}"#

    @Test(
        "a list that is no whole one is an error",
        arguments: [
            (#"{"timed_out":true,"_shards":{"failed":0},"hits":{"hits":[]}}"#, "unavailable"),
            (#"{"timed_out":false,"_shards":{"failed":1},"hits":{"hits":[]}}"#, "unavailable"),
            (#"{"timed_out":false,"_shards":{"failed":0}}"#, "malformed"), ("<html>", "malformed"),
        ]
    )
    func partialLists(body: String, expected: String) async throws {
        try scene.fake.fault("answer", path: "/_search", ["body": body])
        let query = ListQuery(tenant: "main", namespace: "company.team", limit: 10)
        let error = await backendError { () throws(BackendError) in try await backend.list(query) }
        #expect(error.kind == expected)
    }

    private func writes() throws -> [Int?] {
        try scene.fake.requests().filter { $0.method == "PUT" && $0.path.contains("refresh") }.map(\.status)
    }

    @Test("a write whose answer is lost after it was stored is done, once", arguments: ["cut", "drop", "answer"])
    func lostAnswer(fault: String) async throws {
        try scene.fake.clearRequests()
        // A proxy's own success says nothing of the cluster.
        let more: [String: any Sendable] = fault == "answer" ? ["body": "<html>", "status": 200] : [:]
        try scene.fake.fault(fault, more.merging(["method": "PUT"]) { $1 })
        #expect(try await backend.write(name("KEY"), Array("second".utf8)) == "2")
        #expect(try await backend.read(name("KEY")) == Array("second".utf8))
        #expect(try scene.source("KEY")["version"] as? Int == 2)
        // On a connection that was used before, a request without an answer goes out once more by itself.
        #expect(try writes().count == (fault == "cut" ? 1 : 2))
    }

    @Test("a deletion whose answer is lost is done, and found to be")
    func lostDeletion() async throws {
        try scene.fake.fault("cut", ["method": "PUT"])
        #expect(try await backend.delete(name("KEY")))
        #expect(try scene.source("KEY")["version"] as? Int == 2)
        #expect(try await backend.read(name("KEY")) == nil)
    }

    @Test("a write that was not stored is made again, and given up in the end", arguments: [500, 502, 503])
    func repeatedWrites(status: Int) async throws {
        let more: [String: any Sendable] = ["method": "PUT", "status": status, "html": status == 502]
        try scene.fake.fault("error", times: 2, more)
        #expect(try await backend.write(name("KEY"), Array("second".utf8)) == "2")
        try scene.fake.clearRequests()
        try scene.fake.fault("error", times: 0, more)
        await #expect {
            try await backend.write(name("KEY"), [1])
        } throws: { ($0 as? BackendError).kind == "unavailable" }
        #expect(try writes().count == DocumentWriter.attempts)
    }

    @Test("a write after which nothing can be read is said to be unknown")
    func unknownOutcome() async throws {
        try scene.fake.fault("cut", ["method": "PUT"])
        try scene.fake.fault("error", times: 0, ["method": "GET", "skip": 1, "status": 503])
        await #expect {
            try await backend.write(name("KEY"), [1])
        } throws: { "\($0)".contains("is not known") }
    }

    @Test(
        "a write that is refused is not made again",
        arguments: [
            (413, "", "tooLarge"), (429, "", "throttled"), (403, blocked, "unavailable"), (403, "", "forbidden"),
            (400, #"{"error":{"type":"strict_dynamic_mapping_exception","reason":"[made up]"}}"#, "malformed"),
        ]
    )
    func refusedWrites(status: Int, body: String, expected: String) async throws {
        try scene.fake.clearRequests()
        try scene.fake.fault("answer", times: 0, ["method": "PUT", "status": status, "body": body])
        await #expect {
            try await backend.write(name("KEY"), [1, 2, 3])
        } throws: { error in
            (error as? BackendError).kind == expected && !"\(error)".contains("made up")
        }
        if expected != "unavailable" { #expect(try writes().count == 1) }
    }

    @Test("users, tokens and the owners of certificates are let in, and others are not")
    func credentials() async throws {
        let password = "{username: elastic, password: '\(scene.fake.details["password"] ?? "")'}"
        #expect(await (try scene.backend(credential: "basic-auth: \(password)")).failure().kind == "none")
        try scene.fake.command("user", ["label": "bearer", "token": "made-up-token"])
        #expect(await (try scene.backend(credential: "bearer-token: made-up-token")).failure().kind == "none")
        for wrong in ["basic-auth: {username: elastic, password: x}", "bearer-token: x", "api-key: eDp5", ""] {
            #expect(await (try scene.backend(credential: wrong)).failure().kind == "denied")
        }
        let other = try ElasticsearchScene(["realm": "pki", "client-certificate": "demanded"])
        let details = other.fake.details
        let tls = """
            {ca: '\(other.fake.authority)', certificate: '\(details["client-certificate"] ?? "")', \
            private-key: '\(details["client-key"] ?? "")'}
            """
        let section = """
            secret: \(ElasticsearchScene.secret)
            http-hosts: \(other.fake.address)
            tls: \(tls)
            """
        let backend = try ConfiguredBackend(type: "elasticsearch", section: section).make()
        try await backend.write(name("KEY"), [7])
        #expect(try await backend.read(name("KEY")) == [7])
        #expect(try other.fake.requests().allSatisfy { $0.credential == "certificate" })
        #expect(await (try other.backend(credential: "")).failure().kind == "unavailable")
    }
}
