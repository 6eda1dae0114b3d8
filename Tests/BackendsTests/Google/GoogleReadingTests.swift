import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Reading from Google Secret Manager")
struct GoogleReadingTests {
    private let script: GoogleScript

    init() throws {
        script = try GoogleScript()
        try script.grantTokens()
    }

    private func read(_ backend: GoogleBackend, version: String? = nil) async throws(BackendError) -> [UInt8]? {
        guard let fetched = try await backend.get(GoogleScript.name, version: version) else { return nil }
        return (0..<fetched.value.count).map { fetched.value.bytes[$0] }
    }

    @Test("a value is read in one request, with a token that is asked for once")
    func reads() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.answer(":access", GoogleScript.value(Array("hunter2".utf8)), times: 0)
        #expect(try await read(backend) == Array("hunter2".utf8))
        #expect(try await read(backend, version: "3") == Array("hunter2".utf8))
        #expect(try await read(backend, version: "stable") == Array("hunter2".utf8))
        let versions = ["latest", "3", "stable"]
        #expect(try script.paths() == versions.map { "GET \(GoogleScript.path)/versions/\($0):access" })
        #expect(try script.tokenRequests() == 1)
        guard let fetched = try await backend.get(GoogleScript.name, version: nil) else {
            Issue.record("it is gone")
            return
        }
        #expect(fetched.version == "7")
        let headers = try #require(try script.server.requests().last?.headers)
        #expect(headers["authorization"] == "Bearer ***")
        #expect(headers["x-goog-user-project"] == nil)
    }

    @Test("any bytes and none are values")
    func values() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        for bytes in [[], [0], (0...255).map { UInt8($0) }] as [[UInt8]] {
            try script.answer(":access", GoogleScript.value(bytes))
            #expect(try await read(backend) == bytes)
        }
    }

    @Test("a value without its right checksum is not delivered, and one from before there were checksums is")
    func checksum() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.answer(":access", GoogleScript.value([1, 2, 3], checksum: 1))
        let error = await backendError { () throws(BackendError) in try await read(backend) }
        guard case .unavailable(let detail, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("checksum"))
        try script.answer(":access", #"{"name":"projects/4/secrets/x/versions/7","payload":{"data":"AQID"}}"#)
        #expect(try await read(backend) == [1, 2, 3])
        let number = #""dataCrc32c":\#(CRC32C.of([1, 2, 3].span))"#
        try script.answer(
            ":access",
            #"{"name":"projects/4/secrets/x/versions/7","payload":{"data":"AQID",\#(number)}}"#
        )
        #expect(try await read(backend) == [1, 2, 3])
    }

    @Test("missing, disabled, not allowed and not accepted are different answers")
    func outcomes() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.refuse(":access", 404, "NOT_FOUND")
        #expect(try await read(backend) == nil)

        try script.refuse(":access", 400, "FAILED_PRECONDITION")
        let disabled = await backendError { () throws(BackendError) in try await read(backend) }
        guard case .unsupported(let detail) = disabled else {
            Issue.record("\(String(describing: disabled))")
            return
        }
        #expect(detail.contains("disabled or destroyed"))

        try script.refuse(":access", 403, "PERMISSION_DENIED", reason: "IAM_PERMISSION_DENIED")
        guard case .forbidden = await backendError({ () throws(BackendError) in try await read(backend) }) else {
            Issue.record("a missing right is something else")
            return
        }
        try script.refuse(":access", 403, "PERMISSION_DENIED", reason: "SERVICE_DISABLED")
        guard case .denied = await backendError({ () throws(BackendError) in try await read(backend) }) else {
            Issue.record("a service that is off is something else")
            return
        }
    }

    @Test("where it is so configured, what is not allowed is not there, and what is refused altogether still is")
    func forbiddenIsMissing() async throws {
        defer { script.stop() }
        let backend = try script.backend(["forbidden-is-missing: true"])
        try script.refuse(":access", 403, "PERMISSION_DENIED")
        #expect(try await read(backend) == nil)
        try script.refuse(":access", 403, "PERMISSION_DENIED", reason: "BILLING_DISABLED")
        guard case .denied = await backendError({ () throws(BackendError) in try await read(backend) }) else {
            Issue.record("a project without billing looked empty")
            return
        }
    }

    @Test("a token that is not accepted any more is replaced once, and no more than once")
    func refusedToken() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.refuse(":access", 401, "UNAUTHENTICATED")
        try script.answer(":access", GoogleScript.value([1]))
        #expect(try await read(backend) == [1])
        #expect(try script.tokenRequests() == 2)

        try script.refuse(":access", 401, "UNAUTHENTICATED", times: 0)
        guard case .denied = await backendError({ () throws(BackendError) in try await read(backend) }) else {
            Issue.record("it is something else")
            return
        }
        #expect(try script.tokenRequests() == 3)
        #expect(try script.paths().count == 4)
    }

    @Test("what is no answer of the service is malformed and is not shown")
    func malformed() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        let bodies = [
            "", "[]", "{}", "null", "{", #"{"name":"projects/4/secrets/x/versions/7"}"#,
            #"{"name":"projects/4/secrets/x/versions/7","payload":[]}"#,
            #"{"name":"projects/4/secrets/x/versions/latest","payload":{"data":"AQID"}}"#,
            #"{"name":"projects/4/secrets/x","payload":{"data":"AQID"}}"#,
            #"{"name":"projects/4/secrets/x/versions/7","payload":{"data":"hunter2!"}}"#,
            #"{"name":"projects/4/secrets/x/versions/7","payload":{"data":7}}"#,
        ]
        for body in bodies {
            try script.answer(":access", body)
            let error = await backendError { () throws(BackendError) in try await read(backend) }
            guard case .malformed(let detail) = error else {
                Issue.record("\(body): \(String(describing: error))")
                continue
            }
            #expect(!detail.contains("hunter2"))
        }
        try script.answer(":access", GoogleScript.value([1]), headers: ["Content-Type": "text/html"])
        guard case .malformed = await backendError({ () throws(BackendError) in try await read(backend) }) else {
            Issue.record("a page passed for an answer")
            return
        }
        try script.answer(":access", "<html>404</html>", status: 404, headers: ["Content-Type": "text/html"])
        guard case .malformed = await backendError({ () throws(BackendError) in try await read(backend) }) else {
            Issue.record("a page of a front end passed for a missing secret")
            return
        }
    }

    @Test("a text that is no version goes into no path")
    func versions() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        for version in ["", "0", "07", "1/../2", "a b", "-1", "7:access", "\u{e9}", String(repeating: "1", count: 64)] {
            let error = await backendError { () throws(BackendError) in try await read(backend, version: version) }
            guard case .unsupported = error else {
                Issue.record("\(version) was accepted")
                continue
            }
        }
        #expect(try script.paths().isEmpty)
    }

    @Test("the bill goes to the project that is named, and regional secrets stand below their region")
    func projects() async throws {
        defer { script.stop() }
        let backend = try script.backend(
            ["project: example.com:shop", "location: europe-west1", "quota-project: payer", "prefix: \"\""]
        )
        try script.answer(":access", GoogleScript.value([1]))
        #expect(try await read(backend) == [1])
        let expected =
            "/v1/projects/example.com:shop/locations/europe-west1/secrets/_tmain_ncompany_dteam_nDB__PASSWORD/versions/latest:access"
        #expect(try script.paths() == ["GET \(expected)"])
        #expect(try script.server.requests().last?.headers["x-goog-user-project"] == "payer")
        #expect(
            backend.place(of: GoogleScript.name)
                == "projects/example.com:shop/locations/europe-west1/secrets/_tmain_ncompany_dteam_nDB__PASSWORD"
        )
    }

    @Test("a name without a place is not there, and says so where it is asked for")
    func noPlace() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        let name = SecretName(tenant: "t", namespace: "n", key: String(repeating: "k", count: 250))
        let found = try await backend.get(name, version: nil) != nil
        #expect(!found)
        #expect(backend.place(of: name).hasPrefix("none"))
        #expect(backend.place(of: GoogleScript.name) == "projects/acme-prod/secrets/\(GoogleScript.identifier)")
        #expect(try script.backend().place(of: GoogleScript.name) == "secrets/\(GoogleScript.identifier)")
    }

    @Test("a secret that somebody made by hand is found after the name's own place, where that is switched on")
    func flatNames() async throws {
        defer { script.stop() }
        let backend = try script.backend(["flat-names: true"], readOnly: true)
        try script.refuse(GoogleScript.identifier, 404, "NOT_FOUND")
        try script.answer("kestra_DB_PASSWORD/", GoogleScript.value([5]))
        #expect(try await read(backend) == [5])
        #expect(
            try script.paths().last == "GET /v1/projects/acme-prod/secrets/kestra_DB_PASSWORD/versions/latest:access"
        )
        let stranger = SecretName(tenant: "main", namespace: "a", key: "tother_nsales_nDB__PASSWORD")
        try script.refuse(":access", 404, "NOT_FOUND")
        let found = try await backend.get(stranger, version: nil) != nil
        #expect(!found)
        #expect(try script.paths().count == 3)
    }

    @Test("connecting proves the credential; reading takes no right to list")
    func connects() async throws {
        defer { script.stop() }
        let told = NoticeLog()
        let backend = try script.backend(notices: told.handler)
        try script.answer("/secrets?pageSize=1", #"{"secrets":[]}"#)
        try await backend.connect()
        #expect(told.all.isEmpty)
        try script.refuse("/secrets?pageSize=1", 403, "PERMISSION_DENIED")
        try await backend.connect()
        #expect(told.all.count == 1)
        try script.refuse("/secrets?pageSize=1", 403, "PERMISSION_DENIED", reason: "SERVICE_DISABLED")
        guard case .denied = await backendError({ () throws(BackendError) in try await backend.connect() }) else {
            Issue.record("it is something else")
            return
        }
        try script.refuse("/secrets?pageSize=1", 401, "UNAUTHENTICATED", times: 2)
        guard case .denied = await backendError({ () throws(BackendError) in try await backend.connect() }) else {
            Issue.record("it is something else")
            return
        }
        await backend.close()
    }
}
