import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Writing to Google Secret Manager")
struct GoogleWritingTests {
    private let script: GoogleScript
    private let secret = #"""
        {"name":"projects/4242/secrets/x","labels":{"cost-center":"7"},
         "annotations":{"kestra-key":"DB_PASSWORD","kestra-namespace":"company.team","kestra-prefix":"kestra",
           "kestra-tenant":"main"},"etag":"\"161f2a\""}
        """#

    init() throws {
        script = try GoogleScript()
        try script.grantTokens()
    }

    private func put(_ backend: GoogleBackend, tags: [String: String] = [:]) async throws(BackendError) -> String {
        let value: SecretBytes
        do throws(MemoryError) { value = try SecretBytes(copying: [1, 2, 3].span) } catch { throw .memory(error) }
        return try await backend.put(SecretWrite(name: GoogleScript.name, tags: tags), value: value)
    }

    private func added(_ version: Int) -> String {
        #"{"name":"projects/4242/secrets/x/versions/\#(version)","state":"ENABLED"}"#
    }

    /// What was asked of the service, in a short form.
    private func calls() throws -> [String] {
        try script.paths().map { path in
            path.replacing(GoogleScript.path, with: "SECRET").replacing("/v1/projects/acme-prod", with: "")
        }
    }

    @Test("a new secret is made with its labels before it has a value")
    func create() async throws {
        defer { script.stop() }
        let backend = try script.backend(["tags: {application: kestra-production}"])
        try script.refuse(GoogleScript.identifier, 404, "NOT_FOUND", method: "GET")
        try script.answer("secretId=", secret)
        try script.answer(":addVersion", added(1))
        #expect(try await put(backend) == "1")
        #expect(
            try calls() == [
                "GET SECRET", "POST /secrets?secretId=\(GoogleScript.identifier)", "POST SECRET:addVersion",
            ]
        )
        let types = try script.server.requests().filter { $0.method == "POST" }.map { $0.headers["content-type"] ?? "" }
        #expect(types == ["application/x-www-form-urlencoded", "application/json", "application/json"])
    }

    @Test("a secret that is as it should be only gets a version")
    func newVersion() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.answer(GoogleScript.identifier, secret, method: "GET")
        try script.answer(":addVersion", added(8))
        #expect(try await put(backend) == "8")
        #expect(try calls() == ["GET SECRET", "POST SECRET:addVersion"])
    }

    @Test("labels that are missing are added before the value")
    func labels() async throws {
        defer { script.stop() }
        let backend = try script.backend(["tags: {application: kestra-production}"])
        try script.answer(GoogleScript.identifier, secret, method: "GET")
        try script.answer("updateMask", secret, method: "PATCH")
        try script.answer(":addVersion", added(8))
        #expect(try await put(backend) == "8")
        #expect(
            try calls() == ["GET SECRET", "PATCH SECRET?updateMask=labels,annotations", "POST SECRET:addVersion"]
        )
    }

    @Test("who loses a race looks again, whichever step it was, and writes one version")
    func races() async throws {
        defer { script.stop() }
        let backend = try script.backend(["tags: {application: kestra-production}"])
        // Somebody makes it in between; then somebody changes it, which is told in either of two ways; then deletes it.
        try script.refuse(GoogleScript.identifier, 404, "NOT_FOUND", method: "GET")
        try script.refuse("secretId=", 409, "ALREADY_EXISTS")
        try script.answer(GoogleScript.identifier, secret, method: "GET", times: 2)
        try script.refuse("updateMask", 409, "ABORTED")
        try script.answer("updateMask", secret)
        try script.refuse(":addVersion", 404, "NOT_FOUND")
        try script.refuse(GoogleScript.identifier, 404, "NOT_FOUND", method: "GET")
        try script.answer("secretId=", secret)
        try script.answer(":addVersion", added(1))
        #expect(try await put(backend) == "1")
        #expect(try calls().filter { $0.hasSuffix(":addVersion") }.count == 2)
    }

    @Test("a race that is lost again and again is a conflict")
    func conflict() async throws {
        defer { script.stop() }
        let backend = try script.backend(["tags: {application: kestra-production}"])
        try script.answer(GoogleScript.identifier, secret, method: "GET", times: 0)
        try script.refuse("updateMask", 400, "FAILED_PRECONDITION", times: 0)
        #expect(await backendError { () throws(BackendError) in try await put(backend) } == .conflict)
        #expect(try calls().allSatisfy { !$0.hasSuffix(":addVersion") })
    }

    @Test("a policy about locations is told with the key that helps")
    func policy() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.refuse(GoogleScript.identifier, 404, "NOT_FOUND", method: "GET")
        try script.refuse("secretId=", 400, "FAILED_PRECONDITION")
        guard case .unsupported(let detail) = await backendError({ () throws(BackendError) in try await put(backend) })
        else {
            Issue.record("it is something else")
            return
        }
        #expect(detail.contains("replica-locations"))
    }

    @Test("the version before is kept, disabled or destroyed, and that it cannot be does not undo the write")
    func superseded() async throws {
        defer { script.stop() }
        try script.answer(GoogleScript.identifier, secret, method: "GET", times: 0)
        for (choice, version, expected) in [
            ("keep", 8, nil), ("disable", 8, "SECRET/versions/7:disable"), ("destroy", 8, "SECRET/versions/7:destroy"),
            ("destroy", 1, nil),
        ] as [(String, Int, String?)] {
            let told = NoticeLog()
            let backend = try script.backend(["superseded-versions: \(choice)"], notices: told.handler)
            try script.server.clearRequests()
            try script.answer(":addVersion", added(version))
            if expected != nil { try script.answer(":\(choice)", "{}") }
            #expect(try await put(backend) == "\(version)")
            #expect(try calls().dropFirst(2) == (expected.map { ["POST \($0)"] } ?? [])[...])
            #expect(told.all.isEmpty)
        }
        let told = NoticeLog()
        let backend = try script.backend(["superseded-versions: destroy"], notices: told.handler)
        try script.answer(":addVersion", added(8))
        try script.refuse(":destroy", 403, "PERMISSION_DENIED")
        #expect(try await put(backend) == "8")
        #expect(told.all.count == 1 && told.all[0].contains("secretmanager.versions.destroy"))
    }

    @Test("what does not fit is refused before anything is sent")
    func limits() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        let large = try SecretBytes(copying: [UInt8](repeating: 1, count: 65_537).span)
        do throws(BackendError) {
            _ = try await backend.put(SecretWrite(name: GoogleScript.name), value: large)
            Issue.record("it was accepted")
        } catch {
            #expect(error == .tooLarge(limit: 65_536))
        }
        for write in [
            SecretWrite(name: GoogleScript.name, tags: ["Upper": "x"]),
            SecretWrite(name: GoogleScript.name, tags: ["a": "UPPER"]),
            SecretWrite(name: GoogleScript.name, description: String(repeating: "x", count: 8193)),
            SecretWrite(name: SecretName(tenant: "t", namespace: "n", key: String(repeating: "k", count: 256))),
        ] {
            let value = try SecretBytes(copying: [1].span)
            do throws(BackendError) {
                _ = try await backend.put(write, value: value)
                Issue.record("it was accepted")
            } catch {
                guard case .unsupported = error else { throw error }
            }
        }
        #expect(try script.server.requests().isEmpty)
    }

    @Test("a request's label wins over a configured one, and what others have put there stays")
    func merging() throws {
        var options = GoogleOptions()
        options.labels = ["application": "production"]
        let write = SecretWrite(
            name: GoogleScript.name,
            description: "new",
            tags: ["application": "mine", "owner": "team"]
        )
        let wanted = try GoogleMetadata(of: write, options)
        let text = #"{"name":"p/s/x","labels":{"cost":"7","owner":"old"},"annotations":{"note":"n"},"etag":"e"}"#
        let document = try JSONDocument(try SecretBytes(copying: text.utf8Span.span))
        let found = ListedSecret(document, document.root)
        let listed = try #require(found)
        let change = try #require(wanted.change(of: listed))
        #expect(change.labels == ["cost": "7", "owner": "team", "application": "mine"])
        #expect(change.annotations["note"] == "n" && change.annotations["kestra-description"] == "new")
        #expect(change.etag == "e")
    }

    @Test("deleting says whether there was something")
    func delete() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.answer(GoogleScript.identifier, "{}", method: "DELETE")
        try script.refuse(GoogleScript.identifier, 404, "NOT_FOUND", method: "DELETE")
        try script.refuse(GoogleScript.identifier, 403, "PERMISSION_DENIED", method: "DELETE")
        #expect(try await backend.delete(GoogleScript.name))
        #expect(try await !backend.delete(GoogleScript.name))
        guard
            case .forbidden = await backendError({ () throws(BackendError) in
                try await backend.delete(GoogleScript.name)
            })
        else {
            Issue.record("it is something else")
            return
        }
        #expect(try calls() == [String](repeating: "DELETE SECRET", count: 3))
    }

    @Test("read-only means that nothing is sent")
    func readOnly() async throws {
        defer { script.stop() }
        let backend = try script.backend(readOnly: true)
        #expect(!backend.capabilities.contains(.write) && backend.capabilities.contains(.list))
        #expect(await backendError { () throws(BackendError) in try await put(backend) } == .readOnly)
        #expect(
            await backendError { () throws(BackendError) in try await backend.delete(GoogleScript.name) } == .readOnly
        )
        #expect(try script.server.requests().isEmpty)
    }
}
