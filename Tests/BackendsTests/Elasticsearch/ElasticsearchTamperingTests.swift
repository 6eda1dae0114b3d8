import Foundation
import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Elasticsearch: documents that somebody else changed")
struct ElasticsearchTamperingTests {
    private let scene: ElasticsearchScene
    private let backend: any SecretBackend

    init() async throws {
        scene = try ElasticsearchScene()
        backend = try scene.backend()
        try await backend.write(name("KEY"), Array("made up".utf8))
        try await backend.write(name("OTHER"), Array("other".utf8))
    }

    private func change(_ key: String = "KEY", _ body: (inout [String: Any]) throws -> Void) throws {
        var source = try scene.source(key)
        try body(&source)
        try scene.put(try scene.identifier(key), source)
    }

    private func envelope(_ source: [String: Any]) throws -> Data {
        try #require(Data(base64Encoded: source["envelope"] as? String ?? ""))
    }

    private func expectRefusal(_ words: String...) async {
        guard case .malformed(let detail) = await backend.failure() else {
            Issue.record("\(words) is served or refused otherwise")
            return
        }
        for word in words + ["company.team", "KEY"] { #expect(detail.contains(word), "\(detail)") }
        #expect(!detail.contains("made up"))
    }

    @Test("a changed byte is refused, wherever it is", arguments: [0, 4, 20, 50, 80, 92, 105])
    func bits(place: Int) async throws {
        try change { source in
            var bytes = try envelope(source)
            bytes[place] ^= 1
            source["envelope"] = bytes.base64EncodedString()
        }
        await expectRefusal("changed outside the agent")
    }

    @Test("a truncated envelope is refused", arguments: [0, 10, 104, 111])
    func truncated(length: Int) async throws {
        try change { $0["envelope"] = try envelope($0).prefix(length).base64EncodedString() }
        await expectRefusal("changed outside the agent")
    }

    @Test("what is missing or of another kind is refused")
    func members() async throws {
        let whole = try scene.source("KEY")
        for member in ["envelope", "key_id", "version", "tenant", "name"] {
            try scene.put(try scene.identifier("OTHER"), whole)
            var source = whole
            source[member] = nil
            try scene.put(try DocumentIdentifier.of(name("KEY")), source)
            await expectRefusal("changed outside the agent")
        }
    }

    @Test("another secret's document in its place is refused, with its own names and with this one's")
    func swapped() async throws {
        let other = try scene.source("OTHER")
        try change { $0 = other }
        await expectRefusal("moved here from another place")
        try change("OTHER") { source in
            source = other
            source["name"] = "KEY"
        }
        try scene.put(try DocumentIdentifier.of(name("KEY")), other.merging(["name": "KEY"]) { $1 })
        await expectRefusal("moved here from another place")
    }

    @Test("a version that is raised by hand is refused")
    func raised() async throws {
        try change { $0["version"] = 9 }
        await expectRefusal("changed outside the agent")
    }

    @Test("a document sealed under a secret that nobody configured is refused with that secret's identifier")
    func unknownSecret() async throws {
        let stranger = try scene.backend(secret: "another-secret-for-tests-0123456789")
        try await stranger.write(name("KEY"), Array("made up".utf8))
        await expectRefusal("elasticsearch.previous-secrets", "identifier \(try scene.source("KEY")["key_id"] ?? "")")
    }

    @Test(
        "an old document in place of a newer one is noticed while the agent runs, also by a write and where it is gone"
    )
    func rollback() async throws {
        let old = try scene.source("KEY")
        try await backend.write(name("KEY"), Array("newer".utf8))
        let identifier = try scene.identifier("KEY")
        try scene.put(identifier, old)
        await expectRefusal("is at version 1 but was at version 2", "restart the agent to accept it")
        await #expect {
            try await backend.write(name("KEY"), [1])
        } throws: { "\($0)".contains("but was at version 2") }
        try scene.fake.command("remove", ["index": ElasticsearchScene.index, "id": identifier])
        await expectRefusal("is gone but was at version 2")
        try scene.put(identifier, old)
        #expect(try await scene.backend().read(name("KEY")) == Array("made up".utf8))
    }
}
