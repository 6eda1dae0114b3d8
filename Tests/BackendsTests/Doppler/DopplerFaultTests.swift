import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Doppler: what goes wrong")
struct DopplerFaultTests {
    private let scene: DopplerScene

    init() throws {
        scene = try DopplerScene()
        try scene.put("KESTRA_9MAIN_9COMPANY_0TEAM_9KEY", "made up")
    }

    @Test("nothing is sent before the time that a refusal for too many requests names")
    func retryAfter() async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault("throttle", path: "/secret?", ["retry_after": 7])
        #expect(await backend.failure() == .throttled(retryAfter: .seconds(7)))
        try scene.fake.clearRequests()
        guard case .throttled(let wait?) = await backend.failure() else {
            Issue.record("it was asked again")
            return
        }
        #expect(wait > .seconds(1) && wait <= .seconds(7))
        #expect(try scene.fake.requests().isEmpty)
    }

    @Test(
        "the end of a minute may be a time or a number of seconds, and counts for a minute at most",
        arguments: [("20", 15...20), ("86400", 55...60), ("99999999999", 55...60)]
    )
    func resets(reset: String, wait: ClosedRange<Int>) async throws {
        let backend = try scene.backend()
        try await backend.connect()
        try scene.fake.fault("answer", path: "/secret?", ["status": 429, "headers": ["X-RateLimit-Reset": reset]])
        for _ in 0..<2 {
            guard case .throttled(let asked?) = await backend.failure() else {
                Issue.record("no wait was named")
                return
            }
            #expect(asked > .seconds(wait.lowerBound) && asked <= .seconds(wait.upperBound))
        }
    }

    @Test("with the last request of a minute nothing more is sent, until the minute is over")
    func window() async throws {
        try scene.fake.command("limit", ["requests": 3])
        let backend = try scene.backend()
        try await backend.connect()
        #expect(await backend.failure().kind == "none")
        guard case .throttled(let wait?) = await backend.failure() else {
            Issue.record("it was asked for more than it gives")
            return
        }
        #expect(wait > .seconds(50) && wait <= .seconds(60))
        let requests = try scene.fake.requests()
        #expect(requests.count == 3 && requests.allSatisfy { $0.status == 200 })
    }

    @Test("a token of another config, and a project or config that is not there, are said at the start")
    func places() async throws {
        let other = try scene.fake.command("token", ["label": "other", "project": "p", "config": "c"])["token"]
        let stranger = try scene.backend(token: other as? String)
        await #expect {
            try await stranger.connect()
        } throws: { "\($0)".contains("forbidden") }
        let unknown = try ConfiguredBackend(
            type: "doppler",
            section: """
                {address: \(scene.fake.address), tls: {ca: '\(scene.fake.authority)'}, token: '\(scene.token)', \
                project: \(scene.detail("project")), config: elsewhere}
                """
        ).make()
        await #expect {
            try await unknown.connect()
        } throws: { "\($0)".contains("no such config") }
    }
}

@Suite("The section of Doppler")
struct DopplerSettingsTests {
    private func refusal(_ section: String) throws -> String {
        do {
            _ = try Catalogue.read(ConfiguredBackend(type: "doppler", section: section).settings())
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("the documented block is accepted, and what is wrong in it is named")
    func documented() throws {
        let rest = "config: kestra_unit_test\nproject: kestra_unit_test\n"
        #expect(try refusal(rest + "token: YOUR_TOKEN\nsecretNamePrefix: kestra") == "")
        #expect(try refusal(rest).contains("kestra.secret.doppler.token"))
        #expect(try refusal("token: made-up\nconfig: c").contains("kestra.secret.doppler.project"))
        #expect(try refusal(rest + "token: t\nsecretNamePrefx: k").contains("did you mean \"secret-name-prefix\"?"))
        #expect(try refusal(rest + "token: t\nsecretNamePrefix: a-b").contains("must have letters, digits"))
        #expect(try refusal(rest + "token: t\nsecretNamePrefix: 9a").contains("must have letters, digits"))
        #expect(try refusal(rest + "token: t\nlayout: tree").contains("kestra.secret.doppler.layout"))
    }
}
