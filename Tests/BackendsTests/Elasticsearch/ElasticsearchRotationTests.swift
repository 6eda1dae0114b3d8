import ManagerFakes
import ScriptedTime
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Elasticsearch: another secret")
struct ElasticsearchRotationTests {
    private static let new = "the-new-secret-for-tests-0123456789-abc"
    private let scene: ElasticsearchScene

    init() throws {
        scene = try ElasticsearchScene()
        try scene.fake.command("refresh-interval", ["seconds": 0])
    }

    private var after: String { "previous-secrets: ['\(ElasticsearchScene.secret)']" }

    private func identifiers() throws -> Set<String> {
        Set(try scene.stored().compactMap { ($0["source"] as? [String: Any])?["key_id"] as? String })
    }

    private func wait(_ told: NoticeLog, for text: String) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !told.all.contains(where: { $0.contains(text) }) {
            try #require(ContinuousClock.now < end, "\(told.all)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("while it runs, an agent seals all values again, and their versions, tags and times stay")
    func resealing() async throws {
        let old = try scene.backend()
        for index in 0..<70 { try await old.write(name("KEY\(index)"), Array("value \(index)".utf8)) }
        let tagged = SecretWrite(name: name("TAGGED"), description: "d", tags: ["a": "b"])
        _ = try await old.put(tagged, value: try SecretBytes(copying: "1".utf8Span.span))
        _ = try await old.write(name("DELETED"), [1])
        _ = try await old.delete(name("DELETED"))
        let before = try scene.source("TAGGED")
        let (told, time) = (NoticeLog(), ScriptedTime(.waits))
        let new = try scene.backend(secret: Self.new, after, time: time.source, notices: told.handler)
        #expect(try await new.read(name("KEY0")) == Array("value 0".utf8))
        try await wait(told, for: "71 values are sealed under the new secret")
        await time.sleepers(1)
        time.advance(by: .seconds(20))
        try await wait(told, for: "nothing is sealed under previous-secrets any more")
        #expect(try identifiers().count == 1)
        let now = try scene.source("TAGGED")
        for member in ["version", "updated_at", "created_at", "description"] {
            #expect("\(now[member] ?? 0)" == "\(before[member] ?? 1)")
        }
        #expect(now["tags"] as? [String] == ["a=b"])
        #expect(now["envelope"] as? String != before["envelope"] as? String)
        let alone = try scene.backend(secret: Self.new)
        for index in 0..<70 { #expect(try await alone.read(name("KEY\(index)")) == Array("value \(index)".utf8)) }
        await new.close()
    }

    @Test("several agents seal again at the same time, and nothing is lost to writes in between")
    func together() async throws {
        let old = try scene.backend(secret: ElasticsearchScene.secret, "next-secret: '\(Self.new)'")
        for index in 0..<30 { try await old.write(name("KEY\(index)"), Array("value \(index)".utf8)) }
        let told = NoticeLog()
        let agents = try (0..<3).map { _ in try scene.backend(secret: Self.new, after, notices: told.handler) }
        for agent in agents { try await agent.connect() }
        for index in 0..<10 { try await old.write(name("KEY\(index)"), Array("changed \(index)".utf8)) }
        try await wait(told, for: "under the new secret")
        for index in 0..<30 {
            let expected = Array("\(index < 10 ? "changed" : "value") \(index)".utf8)
            for agent in agents + [old] { #expect(try await agent.read(name("KEY\(index)")) == expected) }
        }
        for agent in agents { await agent.close() }
    }

    @Test("an agent that only knows the next secret reads what others sealed under it, and leaves it so")
    func next() async throws {
        let new = try scene.backend(secret: Self.new)
        try await new.write(name("KEY"), Array("made up".utf8))
        let sealed = try identifiers()
        let told = NoticeLog()
        let old = try scene.backend(
            secret: ElasticsearchScene.secret,
            "next-secret: '\(Self.new)'",
            notices: told.handler
        )
        #expect(try await old.read(name("KEY")) == Array("made up".utf8))
        try await old.write(name("OTHER"), Array("other".utf8))
        #expect(try identifiers().subtracting(sealed).count == 1)
        #expect(try await scene.backend(secret: Self.new, after).read(name("OTHER")) == Array("other".utf8))
        #expect(told.all.isEmpty)
    }

    @Test("a value that does not open is named once, and the others are sealed again")
    func damaged() async throws {
        let old = try scene.backend()
        for key in ["GOOD", "BAD"] { try await old.write(name(key), Array(key.utf8)) }
        var source = try scene.source("BAD")
        source["version"] = 5
        try scene.put(try scene.identifier("BAD"), source)
        let (told, time) = (NoticeLog(), ScriptedTime(.waits))
        let new = try scene.backend(secret: Self.new, after, time: time.source, notices: told.handler)
        try await new.connect()
        try await wait(told, for: "1 values are sealed under the new secret")
        await time.sleepers(1)
        time.advance(by: .seconds(20))
        await time.sleepers(1)
        #expect(told.all.count { $0.contains("key BAD in namespace company.team was changed") } == 1)
        #expect(try await new.read(name("GOOD")) == Array("GOOD".utf8))
        await new.close()
    }

    @Test("a read-only agent with a previous secret reads, and seals nothing again")
    func readOnly() async throws {
        try await scene.backend().write(name("KEY"), Array("made up".utf8))
        let backend = try scene.backend(secret: Self.new, after, readOnly: true)
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        try scene.fake.clearRequests()
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" })
    }
}
