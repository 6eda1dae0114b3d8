import Foundation
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Elasticsearch: documents")
struct ElasticsearchDocumentTests {
    private let scene: ElasticsearchScene

    init() throws { scene = try ElasticsearchScene() }

    @Test(
        "an identifier is of all three names, and none that runs into another",
        arguments: [
            ("main", "company.team", "DB_PASSWORD", "aed4db298b360eebc7176201fbf469421a9137fdb7ba61aa78ec6f6f325fc7c4"),
            ("", "company.team", "EMPTY", "24dc3d8fa21d8b30c57a098c563638cb5c2cd9e163ffef7c3f30506707ec1543"),
        ]
    )
    func identifiers(tenant: String, namespace: String, key: String, expected: String) throws {
        let name = SecretName(tenant: tenant, namespace: namespace, key: key)
        #expect(try DocumentIdentifier.of(name) == expected)
        let moved = SecretName(tenant: tenant + namespace, namespace: "", key: key)
        #expect(try DocumentIdentifier.of(moved) != expected)
    }

    @Test("what the agent seals opens with another library, and what that seals is served")
    func crossCheck() async throws {
        let backend = try scene.backend()
        try await backend.write(name("OURS"), Array("correct horse".utf8))
        let place = ["index": ElasticsearchScene.index, "secret": ElasticsearchScene.secret]
        let opened = try scene.fake.command("open", place.merging(["id": scene.identifier("OURS")]) { $1 })
        #expect(opened["value"] as? String == "correct horse")
        let theirs: [String: Any] = [
            "tenant": "main", "namespace": "company.team", "name": "THEIRS", "version": 7, "value": "p\u{e4}ss\n",
        ]
        try scene.fake.command("seal", theirs.merging(place) { $1 })
        #expect(try await backend.read(name("THEIRS")) == Array("p\u{e4}ss\n".utf8))
        #expect(try await backend.write(name("THEIRS"), [1]) == "8")
    }

    @Test("a document has names, tags and times in the open, and of the value nothing")
    func members() async throws {
        let backend = try scene.backend("tags: {application: kestra}")
        let value = try SecretBytes(copying: "made up".utf8Span.span)
        let write = SecretWrite(name: name("KEY"), description: "for tests", tags: ["a=b%": "c=d"])
        #expect(try await backend.put(write, value: value) == "1")
        let source = try scene.source("KEY")
        #expect(source["tags"] as? [String] == ["a%3Db%25=c=d", "application=kestra"])
        #expect(source["description"] as? String == "for tests" && source["version"] as? Int == 1)
        let text = String(decoding: try JSONSerialization.data(withJSONObject: source), as: UTF8.self)
        #expect(!text.contains("made up") && !text.contains(Data("made up".utf8).base64EncodedString().prefix(8)))
        let made = source["created_at"] as? String
        try await backend.write(name("KEY"), [1])
        let changed = try scene.source("KEY")
        #expect(changed["created_at"] as? String == made && changed["description"] == nil)
    }

    @Test("what is deleted leaves its version and no more, and the next write goes on from it")
    func tombstones() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), [1])
        #expect(try await backend.delete(name("KEY")))
        let source = try scene.source("KEY")
        #expect(source["envelope"] == nil && source["key_id"] == nil && source["version"] as? Int == 2)
        #expect(source["deleted_at"] != nil)
        #expect(try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 9)).entries.isEmpty)
        #expect(try await backend.write(name("KEY"), [2]) == "3")
        #expect(try scene.source("KEY")["deleted_at"] == nil)
    }

    @Test("of agents that write one secret at the same time none loses a write, and versions have no gap")
    func concurrency() async throws {
        let backends = try (0..<3).map { _ in try scene.backend() }
        let versions = try await withThrowingTaskGroup(of: String.self) { group in
            for backend in backends {
                group.addTask {
                    for _ in 0..<4 {
                        do throws(BackendError) { return try await backend.write(name("KEY"), [1]) } catch {
                            guard error == .conflict else { throw error }
                        }
                    }
                    throw BackendError.conflict
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(versions.sorted() == ["1", "2", "3"])
        #expect(try scene.source("KEY")["version"] as? Int == 3)
    }

    @Test("secrets that are asked for together are got with few requests, in all namespaces of a climb")
    func batch() async throws {
        let backend = try scene.backend()
        for index in 0..<6 { try await backend.write(name("KEY\(index)"), Array("value \(index)".utf8)) }
        try scene.fake.clearRequests()
        try scene.fake.fault("slow", path: "/_doc/", ["seconds": 0.5])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<12 {
                group.addTask {
                    let expected = index < 6 ? Array("value \(index)".utf8) : nil
                    let found = try await backend.read(name("KEY\(index)"))
                    #expect(found == expected)
                }
            }
            try await group.waitForAll()
        }
        let paths = try scene.fake.requests().map(\.path)
        #expect(paths.count < 5 && paths.contains { $0.hasSuffix("/_mget") }, "\(paths)")
    }

    @Test("a member of a batch that fails is no missing secret, and those beside it are served")
    func unreadable() async throws {
        let backend = try scene.backend()
        for key in ["FIRST", "GOOD", "BAD"] { try await backend.write(name(key), Array(key.utf8)) }
        try scene.fake.command("unreadable", ["id": scene.identifier("BAD")])
        try scene.fake.fault("slow", path: "/_doc/", ["seconds": 0.5])
        async let first = backend.read(name("FIRST"))
        async let good = backend.read(name("GOOD"))
        async let bad = backend.failure("BAD")
        #expect(try await first == Array("FIRST".utf8))
        #expect(try await good == Array("GOOD".utf8))
        let failure = await bad
        let batches = try scene.fake.requests().filter { $0.path.hasSuffix("/_mget") }
        guard !batches.isEmpty, case .unavailable = failure else {
            Issue.record("\(String(describing: failure)) after \(batches.count) batches")
            return
        }
    }

    @Test("a batch that is larger than an answer may be is got one by one")
    func largeBatch() async throws {
        let backend = try scene.backend("maximum-response: 1MiB")
        let value = [UInt8](repeating: 0x5a, count: 600 << 10)
        for key in ["A", "B", "C"] { try await backend.write(name(key), value) }
        try scene.fake.fault("slow", path: "/_doc/", ["seconds": 0.5])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in ["A", "B", "C"] {
                group.addTask {
                    let found = try await backend.read(name(key))
                    #expect(found == value)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("what the index cannot keep is known before it is written")
    func objections() async throws {
        let backend = try scene.backend()
        let value = try SecretBytes(copying: [1].span)
        let longest = DocumentTags.maximumBytes - 2
        let fine = SecretWrite(name: name("A"), tags: ["a": String(repeating: "x", count: longest)])
        #expect(backend.objection(to: fine, bytes: 1 << 20) == nil)
        _ = try await backend.put(fine, value: value)
        let long = SecretWrite(name: name("A"), tags: ["a": String(repeating: "x", count: longest + 1)])
        let objection = try #require(backend.objection(to: long, bytes: 1))
        await #expect(throws: objection) { try await backend.put(long, value: value) }
        #expect(backend.objection(to: fine, bytes: 1 << 20 + 1) == .tooLarge(limit: 1 << 20))
        #expect(try scene.backend(readOnly: true).objection(to: fine, bytes: 1) == .readOnly)
    }

    @Test("only documents with all demanded tags are seen")
    func filter() async throws {
        let writer = try scene.backend()
        for (key, tags) in [("ONE", ["app": "kestra", "x": "y"]), ("TWO", ["app": "other"])] {
            let value = try SecretBytes(copying: "1".utf8Span.span)
            _ = try await writer.put(SecretWrite(name: name(key), tags: tags), value: value)
        }
        let backend = try scene.backend("filter-on-tags: {tags: {app: kestra}}", readOnly: true)
        #expect(try await backend.read(name("ONE")) != nil)
        #expect(try await backend.read(name("TWO")) == nil)
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 10))
        #expect(page.entries.map(\.key) == ["ONE"] && page.entries[0].tags == ["app": "kestra", "x": "y"])
    }
}
