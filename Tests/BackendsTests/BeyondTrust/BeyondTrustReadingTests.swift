import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("BeyondTrust: what people and other programs wrote")
struct BeyondTrustReadingTests {
    private let scene: BeyondTrustScene

    init() throws { scene = try BeyondTrustScene() }

    @Test(
        "the three kinds are a text, a user with a password, and the bytes of a file",
        arguments: ["text", "password", "both"]
    )
    func kinds(place: String) async throws {
        let scene = try BeyondTrustScene(["text": place])
        try scene.text("Plain text", "made up")
        try scene.put("Login", "Credential", ["Username": "EXAMPLE\\ann", "Password": "made \"up\""])
        try scene.put("Nameless", "Credential", ["Username": "", "Password": "made up"])
        try scene.put("File", "File", ["FileName": "a.bin", "content": "line\nline\n"])
        let backend = try scene.backend(readOnly: true)
        #expect(try await backend.text("Plain text") == "made up")
        #expect(try await backend.text("Login") == #"{"username":"EXAMPLE\\ann","password":"made \"up\""}"#)
        #expect(try await backend.text("Nameless") == "made up")
        #expect(try await backend.text("File") == "line\nline\n")
        let page = try await backend.list(ListQuery(tenant: "any", namespace: "thing", limit: 10))
        #expect(page.entries.map(\.key) == ["File", "Login", "Nameless", "Plain text"])
    }

    @Test("the newer form of lists is read, too")
    func newerForm() async throws {
        let list: [String: Any] = [
            "status": 200,
            "body": """
            {"TotalCount":1,"Data":[{"Id":"\(BeyondTrustScene.folder)","Title":"main:company.team:KEY","Text":"made up",\
            "SecretType":"Text","FolderId":"\(BeyondTrustScene.folder.uppercased())"}]}
            """,
        ]
        try scene.fake.fault("answer", path: "title=", list)
        #expect(try await scene.backend().text("KEY") == "made up")
    }

    @Test("a value that is left out is an error, and no empty value")
    func leftOut() async throws {
        let list: [String: Any] = [
            "status": 200,
            "body": """
            [{"Id":"\(BeyondTrustScene.folder)","Title":"main:company.team:KEY","Text":null,"Password":null,\
            "SecretType":"Text","FolderId":"\(BeyondTrustScene.folder)"}]
            """,
        ]
        try scene.fake.fault("answer", path: "title=", list)
        let backend = try scene.backend()
        let error = await backendError { () throws(BackendError) in _ = try await backend.read(name("KEY")) }
        #expect(error == .malformed(detail: "Secrets Safe gives main:company.team:KEY without its value"))
    }

    @Test("a title counts byte for byte and in its folder, and two of it are refused")
    func ambiguous() async throws {
        let other = "00000000-0000-0000-0000-000000000001"
        try scene.fake.command("folder", ["id": other, "name": "other"])
        try scene.put("main:company.team:KEY", "Text", ["Text": "elsewhere", "folder": other])
        try scene.text("main:company.team:key", "small")
        let backend = try scene.backend()
        #expect(try await backend.text("KEY") == nil)
        try scene.text("main:company.team:KEY", "one")
        #expect(try await backend.text("KEY") == "one")
        try scene.text("main:company.team:KEY", "two")
        let error = await backendError { () throws(BackendError) in _ = try await backend.read(name("KEY")) }
        #expect("\(String(describing: error))".contains("2 secrets are called main:company.team:KEY"))
    }

    @Test("all pages of a folder are listed")
    func pages() async throws {
        for number in 0..<501 { try scene.text("main:company.team:KEY\(number)", "x") }
        let page = try await scene.backend().list(ListQuery(tenant: "main", namespace: "company.team", limit: 600))
        #expect(page.entries.count == 501 && !page.hasMore)
        #expect(try scene.count("offset=500") == 1)
    }

    @Test("a write keeps what it does not write: owners, addresses, description, notes by others")
    func keeps() async throws {
        let owners: [[String: Any]] = [["GroupId": 3, "Name": "team"]]
        let urls: [[String: Any]] = [["Url": "https://example.com"]]
        try scene.put(
            "main:company.team:KEY",
            "Text",
            ["Text": "one", "Notes": "call Ann", "Description": "d", "Owners": owners, "Urls": urls]
        )
        let notices = NoticeLog()
        let backend = try scene.backend("tags: {application: tests}", notices: notices.handler)
        try await backend.write(name("KEY"), Array("two".utf8))
        let members = try scene.stored("main:company.team:KEY").members
        #expect(members["Text"] as? String == "two" && members["Notes"] as? String == "call Ann")
        #expect(members["Description"] as? String == "d")
        #expect((members["Owners"] as? [[String: Any]])?.first?["GroupId"] as? Int == 3)
        #expect((members["Urls"] as? [[String: Any]])?.first?["Url"] as? String == "https://example.com")
        #expect(notices.all.contains { $0.contains("somebody else's and stay") && !$0.contains("Ann") })
    }

    @Test("new secrets belong to the user that calls run as, or to a group")
    func owners() async throws {
        try await scene.backend().write(name("ONE"), Array("1".utf8))
        try await scene.backend("owner-group-id: 7").write(name("TWO"), Array("1".utf8))
        let one = try scene.stored("main:company.team:ONE").members["Owners"] as? [[String: Int]]
        let two = try scene.stored("main:company.team:TWO").members["Owners"] as? [[String: Int]]
        #expect(one == [["UserId": 12]] && two == [["GroupId": 7]])
    }

    @Test("what Secrets Safe cannot keep is refused before it is asked")
    func unkeepable() async throws {
        try scene.put("main:company.team:LOGIN", "Credential", ["Username": "ann", "Password": "made up"])
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.clearRequests()
        let long = name(String(repeating: "x", count: 256))
        let writes: [(SecretName, [UInt8])] = [
            (name("KEY"), [0xff]), (name("KEY"), []), (long, [1]), (name("LOGIN"), [1]),
        ]
        for (name, value) in writes {
            let error = await backendError { () throws(BackendError) in _ = try await backend.write(name, value) }
            let isUnsupported = if case .unsupported = error { true } else { false }
            #expect(isUnsupported, "\(String(describing: error))")
        }
        // Rare characters count twice.
        let keys = Array(String(repeating: "\u{1f511}", count: 2049).utf8)
        let error = await backendError { () throws(BackendError) in _ = try await backend.write(name("KEY"), keys) }
        #expect(error == .tooLarge(limit: 4096))
        #expect(try await backend.read(long) == nil)
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" })
    }

    @Test("without a folder nothing can be written, and everything read")
    func reader() async throws {
        try scene.text("main:company.team:KEY", "one")
        let backend = try scene.backend(place: "")
        try await backend.connect()
        #expect(backend.capabilities == [.list, .namespaces])
        #expect(try await backend.text("KEY") == "one")
        let error = await backendError { () throws(BackendError) in _ = try await backend.delete(name("KEY")) }
        #expect(error == .unsupported(detail: "beyondtrust: writes need folder-id"))
    }

    @Test("a section that cannot be meant is refused with its key, and without the key's text")
    func wrongSections() async throws {
        #expect { _ = try scene.backend(place: "folder-id: my folder") } throws: {
            "\($0)".contains("folder-id must be")
        }
        #expect { _ = try scene.backend(login: "api-key: 'made-up; x'\nrun-as: ann") } throws: {
            "\($0)".contains("beyondtrust.api-key") && !"\($0)".contains("made-up")
        }
        #expect { _ = try scene.backend(login: "api-key: abc\nrun-as: 'a;b'") } throws: { "\($0)".contains("run-as") }
        #expect { _ = try scene.backend("layout: tree") } throws: { "\($0)".contains("beyondtrust.layout") }
        #expect { _ = try scene.backend(login: "run-as: ann") } throws: { "\($0)".contains("beyondtrust.api-key") }
    }
}
