import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Doppler: reading and writing")
struct DopplerReadingTests {
    private let scene: DopplerScene

    init() throws { scene = try DopplerScene() }

    private func key(_ key: String) -> SecretName { SecretName(tenant: "main", namespace: "company", key: key) }

    @Test("read-only, what people typed in is found in every namespace, with references put in")
    func flat() async throws {
        try scene.put("KESTRA_HOST", "db.example")
        try scene.put("KESTRA_URL", "https://${KESTRA_HOST}/")
        try scene.put("OTHER", "1")
        let backend = try scene.backend(readOnly: true)
        #expect(try await backend.read(key("URL")) == Array("https://db.example/".utf8))
        #expect(try await backend.read(key("OTHER")) == nil)
        let page = try await backend.list(ListQuery(tenant: "", namespace: "any", limit: 10))
        #expect(page.entries.map(\.key) == ["HOST", "URL"])
        #expect(backend.place(of: key("URL")) == "kestra_project/kestra_config/KESTRA_URL")
    }

    @Test("a value that Doppler would read references in is kept as it is")
    func references() async throws {
        let backend = try scene.backend()
        for value in ["${KESTRA_HOST}", "a $${B} c", TextForm.marker + "x", ""] {
            try await backend.write(key("KEY"), Array(value.utf8))
            #expect(try await backend.read(key("KEY")) == Array(value.utf8))
        }
        let empty = try scene.stored("KESTRA_9MAIN_9COMPANY_9KEY")["raw"] as? String
        #expect(empty == TextForm.marker)
        try await backend.write(key("KEY"), Array("plain".utf8))
        let plain = try scene.stored("KESTRA_9MAIN_9COMPANY_9KEY")["raw"] as? String
        #expect(plain == "plain")
    }

    @Test("secrets that are asked for together come with one download after the first")
    func batch() async throws {
        let backend = try scene.backend()
        for index in 0..<20 { try scene.put("KESTRA_9MAIN_9COMPANY_9KEY\(index)", "value \(index)") }
        try await backend.connect()
        try scene.fake.clearRequests()
        // The first takes so long that all others are waiting by then.
        try scene.fake.fault("slow", path: "/secret?", ["seconds": 0.5])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<24 {
                group.addTask {
                    let expected = index < 20 ? Array("value \(index)".utf8) : nil
                    let found = try await backend.read(key("KEY\(index)"))
                    #expect(found == expected)
                }
            }
            try await group.waitForAll()
        }
        let paths = try scene.fake.requests().map(\.path)
        #expect(paths.count < 8, "\(paths)")
        #expect(paths.contains { $0.contains("/download?") && $0.contains("secrets=") && !$0.contains("dynamic") })
    }

    @Test(
        "a secret that the token may not see is no missing one, by itself and among others",
        arguments: [false, true]
    )
    func restricted(isBatch: Bool) async throws {
        try scene.put("KESTRA_9MAIN_9COMPANY_9HIDDEN", "made up", visibility: "restricted")
        let blind = try scene.fake.command("token", ["label": "blind", "sees_restricted": false])["token"] as? String
        let backend = try scene.backend(token: blind)
        if isBatch { try scene.fake.fault("slow", path: "NO_SUCH", ["seconds": 0.3]) }
        async let other: Void = { if isBatch { _ = try await backend.read(key("NO_SUCH")) } }()
        await #expect {
            _ = try await backend.read(key("HIDDEN"))
        } throws: { error in
            if case .forbidden(let detail)? = error as? BackendError { detail.contains("restricted") } else { false }
        }
        try await other
    }

    @Test("a missing secret is one in either of Doppler's words")
    func missing() async throws {
        let backend = try scene.backend()
        #expect(try await backend.read(key("NO_SUCH")) == nil)
        try scene.fake.command("missing", ["null": true])
        #expect(try await backend.read(key("NO_SUCH")) == nil)
    }

    @Test("description and tags are the note; where notes are refused, the value is written and the operator is told")
    func notes() async throws {
        let log = NoticeLog()
        let backend = try scene.backend("tags: {application: kestra}", notices: log.handler)
        let value = try SecretBytes(copying: "1".utf8Span.span)
        let write = SecretWrite(name: key("KEY"), description: "for tests", tags: ["team": "payments"])
        _ = try await backend.put(write, value: value)
        let note = try scene.stored("KESTRA_9MAIN_9COMPANY_9KEY")["note"] as? String
        #expect(note == "for tests\napplication: kestra\nteam: payments")
        let token = try scene.fake.command("token", ["label": "narrow", "may_note": false])["token"] as? String
        let narrow = try scene.backend(token: token, notices: log.handler)
        _ = try await narrow.put(write, value: value)
        #expect(log.all.contains { $0.contains("its note is not") && $0.contains("403") })
        #expect(try await narrow.read(key("KEY")) == Array("1".utf8))
    }
}
