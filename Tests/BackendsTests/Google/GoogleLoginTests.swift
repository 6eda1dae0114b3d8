import Foundation
import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Logging in to Google")
struct GoogleLoginTests {
    private let scene: GoogleScene
    private let value = Array("made up".utf8)

    init() throws {
        scene = try GoogleScene()
        try scene.put("kestra_tmain_ncompany_dteam_nKEY", "made up")
    }

    private func denial(_ backend: any SecretBackend) async -> String {
        let error = await backendError { () throws(BackendError) in try await backend.read(name("KEY")) }
        if case .denied(let detail) = error { return detail }
        return "\(String(describing: error))"
    }

    @Test(
        "each kind of credential that a file can hold",
        arguments: [
            ("service-account-file", "agent"), ("authorized-user-file", "person"),
            ("external-account-file", "impersonated"), ("external-account-url-file", "impersonated"),
            ("impersonated-service-account-file", "impersonated"),
        ]
    )
    func files(file: String, label: String) async throws {
        let backend = try scene.backend(
            key: nil,
            environment: ["GOOGLE_APPLICATION_CREDENTIALS": scene.detail(file)]
        )
        try await backend.connect()
        #expect(try await backend.read(name("KEY")) == value)
        #expect(try scene.credentials().last == label)
        await backend.close()
    }

    @Test("a key of the configuration, exchanged or signing for itself", arguments: [false, true])
    func key(signsItself: Bool) async throws {
        let backend = try scene.backend("self-signed-tokens: \(signsItself)")
        #expect(try await backend.read(name("KEY")) == value)
        #expect(try scene.fake.requests().contains { $0.path == "/token" } == !signsItself)
        #expect(try scene.credentials() == ["agent"])
    }

    @Test("the machine's account, and a machine that has none")
    func machine() async throws {
        let environment = ["GCE_METADATA_HOST": scene.detail("metadata-host")]
        let backend = try scene.backend(key: nil, environment: environment)
        try await backend.connect()
        #expect(try await backend.read(name("KEY")) == value)
        #expect(try scene.credentials() == ["machine"])
        try scene.fake.command("metadata")
        let other = try scene.backend(key: nil, environment: environment)
        #expect(await denial(other).contains("has no service account"))
    }

    @Test("a federated identity without a right of its own is forbidden, not denied")
    func federated() async throws {
        let file = scene.detail("external-account-direct-file")
        let backend = try scene.backend(key: nil, environment: ["GOOGLE_APPLICATION_CREDENTIALS": file])
        guard case .forbidden = await backendError({ () throws(BackendError) in try await backend.read(name("KEY")) })
        else {
            Issue.record("it is something else")
            return
        }
        #expect(try scene.credentials() == ["federated"])
    }

    @Test("a subject token that is not accepted is a denial")
    func refusedSubject() async throws {
        try scene.fake.command("subject-tokens", ["accepted": ["another"]])
        let file = scene.detail("external-account-file")
        let backend = try scene.backend(key: nil, environment: ["GOOGLE_APPLICATION_CREDENTIALS": file])
        #expect(await denial(backend).contains("invalid_grant"))
    }

    @Test("tokens that have ended, and those that were called back, are replaced")
    func ended() async throws {
        try scene.fake.command("tokens", ["lifetime": 120])
        let backend = try scene.backend()
        #expect(try await backend.read(name("KEY")) == value)
        try scene.fake.advance(seconds: 121)
        #expect(try await backend.read(name("KEY")) == value)
        try scene.fake.command("expire-tokens")
        #expect(try await backend.read(name("KEY")) == value)
        #expect(try scene.fake.requests().filter { $0.path == "/token" }.count == 3)
    }

    @Test("a key that was replaced is denied, and is not tried again at once")
    func replacedKey() async throws {
        let file = try scene.account("other", ["admin"])
        let backend = try scene.backend(key: file)
        try scene.fake.command("new-key", ["email": "other@acme-prod.iam.gserviceaccount.com"])
        #expect(await denial(backend).contains("400 invalid_grant"))
        #expect(await denial(backend).contains("400 invalid_grant"))
        #expect(try scene.fake.requests().filter { $0.path == "/token" }.count == 1)
    }

    @Test("a key in the file of the environment is used with the next token after it was replaced there")
    func rotatedFile() async throws {
        let email = "other@acme-prod.iam.gserviceaccount.com"
        let folder = FileManager.default.temporaryDirectory
        let path = folder.appending(path: "google-\(UUID().uuidString).json").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.copyItem(atPath: try scene.account("other", ["admin"]), toPath: path)
        let backend = try scene.backend(key: nil, environment: ["GOOGLE_APPLICATION_CREDENTIALS": path])
        #expect(try await backend.read(name("KEY")) == value)
        let newer = try scene.fake.command("new-key", ["email": email])["file"] as? String ?? ""
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: newer, toPath: path)
        try scene.fake.command("expire-tokens")
        #expect(try await backend.read(name("KEY")) == value)
    }

    @Test("a clock that is wrong makes statements worthless, and is said to be the reason")
    func skew() async throws {
        let system = TimeSource.system
        let time = TimeSource(now: system.now, wall: { system.wall() + 7_200_000 }, sleep: system.sleep)
        #expect(await denial(try scene.backend(time: time)).contains("ahead of the server's"))
    }

    @Test("a hundred who ask at once share one token")
    func crowd() async throws {
        let backend = try scene.backend()
        let found = await withTaskGroup(of: [UInt8]?.self) { group in
            for _ in 0..<100 { group.addTask { try? await backend.read(name("KEY")) } }
            return await group.reduce(into: [[UInt8]?]()) { $0.append($1) }
        }
        #expect(found.count == 100 && found.allSatisfy { $0 == value })
        #expect(try scene.fake.requests().filter { $0.path == "/token" }.count == 1)
    }

    // MARK: Rights

    @Test(
        "with the right to read alone, reading works, listing is forbidden, and a filter on labels is not passed over"
    )
    func accessorOnly() async throws {
        let told = NoticeLog()
        let file = try scene.account("reader", ["secretAccessor"])
        let backend = try scene.backend(key: file, readOnly: true, notices: told.handler)
        try await backend.connect()
        #expect(told.all.count == 1)
        #expect(try await backend.read(name("KEY")) == value)
        let query = ListQuery(tenant: "main", namespace: "company.team", limit: 5)
        guard case .forbidden = await backendError({ () throws(BackendError) in try await backend.list(query) }) else {
            Issue.record("it is something else")
            return
        }
        let filter = "filter-on-tags: {tags: {application: kestra-production}}"
        let filtered = try scene.backend(key: file, filter, readOnly: true)
        #expect(await denial(filtered).contains("roles/secretmanager.viewer"))
    }

    @Test("with the right on single secrets, a missing one looks forbidden, unless it is said to be missing")
    func singleSecrets() async throws {
        let file = try scene.account("reader", ["secretAccessor"], only: ["kestra_tmain_ncompany_dteam_nKEY"])
        let strict = try scene.backend(key: file)
        #expect(try await strict.read(name("KEY")) == value)
        guard case .forbidden = await backendError({ () throws(BackendError) in try await strict.read(name("ABSENT")) })
        else {
            Issue.record("it is something else")
            return
        }
        let lenient = try scene.backend(key: file, "forbidden-is-missing: true")
        #expect(try await lenient.read(name("ABSENT")) == nil)
        #expect(try await lenient.read(name("KEY")) == value)
    }

    @Test("a filter on labels shows what carries them, and what was labelled later once the list is old")
    func filter() async throws {
        try scene.put("kestra_tmain_ncompany_dteam_nSEEN", "seen", labels: ["application": "kestra-production"])
        let filter = "filter-lifetime: 1s\nfilter-on-tags: {tags: {application: kestra-production}}"
        let backend = try scene.backend(filter, readOnly: true)
        try await backend.connect()
        #expect(try await backend.read(name("SEEN")) == Array("seen".utf8))
        #expect(try await backend.read(name("KEY")) == nil)
        let query = ListQuery(tenant: "main", namespace: "company.team", limit: 5)
        #expect(try await backend.list(query).entries.map(\.key) == ["SEEN"])
        try scene.put("kestra_tmain_ncompany_dteam_nLATER", "later", labels: ["application": "kestra-production"])
        var found: [UInt8]?
        for _ in 0..<60 where found == nil {
            try await Task.sleep(for: .milliseconds(50))
            found = try await backend.read(name("LATER"))
        }
        #expect(found == Array("later".utf8))
        await backend.close()
    }

    @Test("another project's quota needs a right there")
    func quota() async throws {
        let backend = try scene.backend("quota-project: somebody-else")
        #expect(await denial(backend).contains("USER_PROJECT_DENIED"))
    }
}
