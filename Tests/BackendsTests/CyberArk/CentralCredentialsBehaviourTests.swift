import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Central Credential Provider: who may ask, and what goes wrong")
struct CentralCredentialsBehaviourTests {
    private let scene: CyberArkScene

    init() throws {
        scene = try CyberArkScene(.ccp)
        try scene.fake.store("KEY", "made up", in: "company.team")
    }

    @Test("nothing is asked before the time that a throttled answer names")
    func retryAfter() async throws {
        let backend = try scene.backend()
        try scene.fake.fault("throttle", ["retry_after": 7])
        #expect(await backend.failure() == .throttled(retryAfter: .seconds(7)))
        #expect(await backend.failure().kind == "throttled")
        #expect(try scene.fake.requests().count == 1)
    }

    @Test("an agent without its certificate is not served, and one that is no application is denied at the start")
    func strangers() async throws {
        let demanding = try CyberArkScene(.ccp, ["client-certificate": "demanded"])
        #expect(await (try demanding.backend()).failure().kind == "unavailable")
        let stranger = try scene.backend(login: "app-id: Stranger\nsafe: KestraMain")
        let error = await backendError { () throws(BackendError) in try await stranger.connect() }
        #expect(error.kind == "denied" && "\(String(describing: error))".contains("APPAP306E"))
    }

    @Test("names count byte for byte and in their safe, and none is read as a condition or pattern")
    func names() async throws {
        try scene.fake.command("put", ["name": "Other", "content": "elsewhere", "safe": "Other"])
        let flat = try scene.backend("layout: flat")
        #expect(try await flat.text(name("main@company.team@KEY")) == "made up")
        for key in ["MAIN@company.team@KEY", "Other", "x;Safe=Other", "*", "a=b", "a/b"] {
            #expect(try await flat.read(name(key)) == nil)
        }
        #expect(try scene.fake.requests().count == 3)
        try scene.fake.command("put", ["name": "SPACED key & more+%", "content": "made up"])
        #expect(try await flat.text(name("SPACED key & more+%")) == "made up")
    }

    @Test("safe, folder and reason are sent with each request")
    func query() async throws {
        let login = "app-id: Kestra\nsafe: 'K-{tenant}'\nfolder: Root\nreason: 'a workflow'"
        let backend = try scene.backend(login: login)
        let account = ["name": "main@company.team@KEY", "content": "made up too", "safe": "K-main"]
        try scene.fake.command("put", account)
        #expect(try await backend.text(name("KEY")) == "made up too")
        let expected = "?AppID=Kestra&Safe=K-main&Folder=Root&Object=main%40company.team%40KEY&Reason=a%20workflow"
        #expect(try scene.count(expected) == 1)
    }

    @Test("a listing is refused as what there is not")
    func listing() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        #expect(backend.capabilities == [])
        let query = ListQuery(tenant: "main", namespace: "company.team", limit: 1)
        await #expect(throws: BackendError.unsupported(detail: "a Central Credential Provider lists nothing")) {
            try await backend.list(query)
        }
    }
}
