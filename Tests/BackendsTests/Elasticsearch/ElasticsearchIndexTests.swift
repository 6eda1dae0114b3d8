import Foundation
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Elasticsearch: the cluster and its index")
struct ElasticsearchIndexTests {
    private let scene: ElasticsearchScene

    init() throws { scene = try ElasticsearchScene() }

    /// The index as the agent makes it, changed.
    private func make(_ change: (inout [String: Any]) -> Void) throws {
        let body = try IndexLayout.creation()
        let text = body.withBytes { bytes in Data(bytes.indices.map { bytes[$0] }) }
        var made = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        var mappings = made["mappings"] as? [String: Any] ?? [:]
        change(&mappings)
        made["mappings"] = mappings
        try scene.fake.command("index", ["name": ElasticsearchScene.index, "body": made])
    }

    private func words(_ backend: any SecretBackend) async -> String {
        do throws(BackendError) {
            try await backend.connect()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("a missing index is made, strict and with the agent's mark, also by several at the same time")
    func creation() async throws {
        let told = NoticeLog()
        let backends = try (0..<4).map { _ in try scene.backend(notices: told.handler) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for backend in backends { group.addTask { try await backend.connect() } }
            try await group.waitForAll()
        }
        let made = try scene.fake.command("index", ["name": ElasticsearchScene.index])
        let mappings = made["mappings"] as? [String: Any] ?? [:]
        #expect(mappings["dynamic"] as? String == "strict")
        let mark = mappings["_meta"] as? [String: Any] ?? [:]
        #expect(mark["format"] as? String == "SAE1" && mark["schema"] as? Int == 1)
        #expect(told.all.contains { $0.contains("has been made") })
    }

    @Test("an index that is missing and may not be made is said, with what to do")
    func missing() async throws {
        #expect(await words(try scene.backend("create-index: false")).contains("create-index: true"))
        #expect(await words(try scene.backend(readOnly: true)).contains("make it as the documentation shows"))
        let limited = try scene.key(["read", "index", "view_index_metadata"])
        #expect(await words(try scene.backend(credential: limited)).contains("create_index is needed"))
        #expect(try scene.fake.command("index", ["name": ElasticsearchScene.index]).isEmpty)
    }

    @Test("a key without the right to make indices, and without any for the cluster, works where the index is there")
    func limitedKey() async throws {
        try make { _ in }
        let backend = try scene.backend(credential: try scene.key(["read", "index", "view_index_metadata"]))
        try await backend.write(name("KEY"), [7])
        #expect(try await backend.read(name("KEY")) == [7])
        #expect(try await backend.delete(name("KEY")))
        let blind = try scene.backend(credential: try scene.key(["read", "index"], label: "blind"))
        #expect(await words(blind).contains("view_index_metadata is needed"))
    }

    @Test("an index that is laid out otherwise is refused with what is wrong, and nothing is written to it")
    func layouts() async throws {
        let changes: [(String, (inout [String: Any]) -> Void)] = [
            ("use a newer agent", { $0["_meta"] = ["format": "SAE1", "schema": 2] }),
            ("was not made for this agent", { $0["_meta"] = nil }),
            ("was not made for this agent", { $0["_meta"] = ["format": "other", "schema": 1] }),
            ("is not strict", { $0["dynamic"] = "true" }), ("_source is off", { $0["_source"] = ["enabled": false] }),
            (
                "its field envelope is text and not binary",
                { mappings in
                    var fields = mappings["properties"] as? [String: Any] ?? [:]
                    fields["envelope"] = ["type": "text"]
                    mappings["properties"] = fields
                }
            ),
            (
                "its field key_id is missing",
                { mappings in
                    var fields = mappings["properties"] as? [String: Any] ?? [:]
                    fields["key_id"] = nil
                    mappings["properties"] = fields
                }
            ),
        ]
        for (words, change) in changes {
            try make(change)
            let backend = try scene.backend()
            #expect(await self.words(backend).contains(words))
            await #expect(throws: BackendError.self) { try await backend.write(name("KEY"), [1]) }
            #expect(try scene.stored().isEmpty)
        }
        try scene.fake.command("index", ["name": "other", "body": ["mappings": [:]]])
        try scene.fake.command("remove", ["index": ElasticsearchScene.index])
        try make { _ in }
        try scene.fake.command("alias", ["name": "both", "indices": ["other", ElasticsearchScene.index]])
        #expect(await words(try scene.backend("index: both")).contains("stands for 2 indices"))
    }

    @Test("an index that goes away while the agent runs is not made again by a write")
    func removed() async throws {
        let backend = try scene.backend()
        try await backend.write(name("KEY"), [1])
        try scene.fake.command("remove", ["index": ElasticsearchScene.index])
        guard case .unavailable(let detail, _) = await backend.failure() else {
            Issue.record("a missing index is no missing secret")
            return
        }
        #expect(detail.contains("the index is not there"))
        await #expect(throws: BackendError.self) { try await backend.write(name("KEY"), [1]) }
        #expect(try scene.fake.command("index", ["name": ElasticsearchScene.index]).isEmpty)
    }

    @Test("OpenSearch is used, old versions and others are refused")
    func versions() async throws {
        let openSearch = try ElasticsearchScene(["flavour": "opensearch"])
        let backend = try openSearch.backend()
        try await backend.write(name("KEY"), [7])
        #expect(try await backend.read(name("KEY")) == [7])
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 10))
        #expect(page.entries.map(\.key) == ["KEY"])
        let old = try ElasticsearchScene(["version": "6.8.23"])
        #expect(await words(try old.backend()).contains("Elasticsearch 6 is too old; version 7 is needed"))
        try scene.fake.fault("answer", times: 0, path: "", ["body": "{\"name\":\"x\"}"])
        #expect(await words(try scene.backend()).contains("is not Elasticsearch"))
    }
}
