import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Delinea: what people and other programs wrote")
struct DelineaReadingTests {
    private let scene: DelineaScene

    init() throws { scene = try DelineaScene() }

    @Test(
        "read-only, a secret's name is the key, and the fields of other templates are JSON",
        arguments: ["", "hidden"]
    )
    func fields(passwords: String) async throws {
        let scene = try DelineaScene(["passwords": passwords])
        let fields = ["resource": "db", "username": "ann", "password": "made \"up\"", "attachment": "a file"]
        try scene.put("Data base", fields, template: 6008)
        try scene.put("Plain", ["value": "made up"])
        let backend = try scene.backend(readOnly: true)
        #expect(try await backend.text("Plain") == "made up")
        #expect(
            try await backend.text("Data base")
                == #"{"resource":"db","username":"ann","password":"made \"up\"","notes":""}"#
        )
        let page = try await backend.list(ListQuery(tenant: "any", namespace: "thing", limit: 10))
        #expect(page.entries.map(\.key) == ["Data base", "Plain"])
    }

    @Test("a chosen field is the value, and may be a file")
    func chosen() async throws {
        try scene.put("Host", ["resource": "db", "username": "ann", "attachment": "bytes"], template: 6008)
        #expect(try await scene.backend("value-field: username", readOnly: true).text("Host") == "ann")
        #expect(try await scene.backend("value-field: attachment", readOnly: true).text("Host") == "bytes")
    }

    @Test("two secrets of one name are refused with their numbers")
    func ambiguous() async throws {
        try scene.put("main:company.team:KEY", ["value": "one"])
        try scene.put("main:company.team:KEY", ["value": "two"])
        let backend = try scene.backend()
        let error = await backendError { () throws(BackendError) in _ = try await backend.read(name("KEY")) }
        #expect("\(String(describing: error))".contains("2 secrets are called main:company.team:KEY (1001, 1002)"))
    }

    @Test("all pages of a search are looked at, and a folder's neighbours are not")
    func pages() async throws {
        try scene.fake.command("folder", ["id": 50, "name": "other"])
        for number in 0..<120 { try scene.put("main:company.team:KEY\(number)", ["value": "\(number)"]) }
        try scene.put("main:company.team:KEY", ["value": "last"])
        try scene.fake.command(
            "put",
            ["name": "main:company.team:KEY", "fields": ["value": "elsewhere"], "folder": 50]
        )
        let backend = try scene.backend()
        #expect(try await backend.text("KEY") == "last")
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 200))
        #expect(page.entries.count == 121 && !page.hasMore)
    }

    @Test("notes that somebody else wrote are shown to nobody, and stay")
    func foreignNotes() async throws {
        try scene.put("main:company.team:KEY", ["value": "one", "notes": "call Ann"])
        let notices = NoticeLog()
        let backend = try scene.backend("tags: {application: tests}", notices: notices.handler)
        try await backend.write(name("KEY"), Array("two".utf8))
        #expect(try scene.stored("main:company.team:KEY").fields == ["value": "two", "notes": "call Ann"])
        #expect(notices.all.contains { $0.contains("somebody else's and stay") && !$0.contains("Ann") })
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 10))
        #expect(page.entries == [SecretEntry(namespace: "company.team", key: "KEY")])
    }

    @Test("the configured tags are noted, and kept where a later write has none of its own")
    func tags() async throws {
        let backend = try scene.backend("tags: {application: tests}")
        try await backend.write(name("KEY"), Array("one".utf8))
        #expect(
            try scene.stored("main:company.team:KEY").fields["notes"] == #"{"kestra":1,"tags":{"application":"tests"}}"#
        )
        try await scene.backend().write(name("KEY"), Array("two".utf8))
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 10))
        #expect(page.entries.first?.tags == ["application": "tests"])
    }

    @Test("a template that requires more is said at the start, and is filled with what is configured")
    func requiredFields() async throws {
        let place = "folder-id: 42\nsecret-template-id: 6008"
        let bare = try scene.backend(place: place)
        let error = await backendError { () throws(BackendError) in try await bare.connect() }
        #expect("\(String(describing: error))".contains("give resource under fields"))
        let backend = try scene.backend(place: place, "fields: {resource: tacit}")
        try await backend.connect()
        try await backend.write(name("KEY"), Array("one".utf8))
        let stored = try scene.stored("main:company.team:KEY").fields
        #expect(stored == ["resource": "tacit", "password": "one"])
        #expect(try await backend.text("KEY") == "one")
        let wrong = try scene.backend(place: place, "fields: {resource: tacit, colour: red}")
        let unknown = await backendError { () throws(BackendError) in try await wrong.connect() }
        #expect("\(String(describing: unknown))".contains("has no field colour"))
    }

    @Test("without a folder and a template nothing can be written, and everything read")
    func reader() async throws {
        try scene.put("main:company.team:KEY", ["value": "one"])
        let backend = try scene.backend(place: "", "value-field: value")
        try await backend.connect()
        #expect(backend.capabilities == [.list, .namespaces])
        #expect(try await backend.text("KEY") == "one")
        let error = await backendError { () throws(BackendError) in _ = try await backend.delete(name("KEY")) }
        #expect(error == .unsupported(detail: "delinea: writes need folder-id and secret-template-id"))
    }

    @Test("what Secret Server cannot keep is refused before it is asked")
    func unkeepable() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.clearRequests()
        for value in [[0xff], []] as [[UInt8]] {
            let error = await backendError { () throws(BackendError) in _ = try await backend.write(name("KEY"), value)
            }
            let isUnsupported = if case .unsupported = error { true } else { false }
            #expect(isUnsupported, "\(String(describing: error))")
        }
        let long = name(String(repeating: "x", count: 200))
        let error = await backendError { () throws(BackendError) in _ = try await backend.write(long, [1]) }
        #expect("\(String(describing: error))".contains("too long"))
        #expect(try await backend.read(long) == nil)
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" })
    }

    @Test("a section that cannot be meant is refused with its key")
    func wrongSections() async throws {
        #expect {
            _ = try scene.backend(place: "folder-id: my folder\nsecret-template-id: 6007")
        } throws: {
            "\($0)".contains("folder-id must be a number")
        }
        #expect { _ = try scene.backend("layout: tree") } throws: { "\($0)".contains("delinea.layout") }
        #expect { _ = try scene.backend("folderid: 4") } throws: { "\($0)".contains("folder-id") }
        #expect { _ = try scene.backend(login: "username: ann") } throws: { "\($0)".contains("delinea.password") }
    }
}
