import ManagerFakes
import Secrets
import Testing

@Suite("What goes wrong with every manager that is asked over HTTP")
struct CommonFaultTests {
    private static let subjects: [FaultSubject] = [
        .azure, .beyondTrust, .centralCredentials, .conjur, .delinea, .doppler, .elasticsearch, .google, .onePassword,
        .passwordVault, .vault,
    ]

    @Test(
        "each fault has its name, tells no answer's body and no credential, and is over with its cause",
        arguments: FaultCase.all(of: subjects)
    )
    func faults(_ met: FaultCase) async throws {
        let scene = try await met.subject.filled()
        let backend = try scene.backend("")
        try await backend.connect()
        try scene.fake.fault(met.fault.name, times: 0, path: met.path, met.fault.more)
        let error = await backend.failure()
        #expect(error.kind == met.fault.expected)
        let words = String(describing: error)
        for secret in scene.credentials + ["made up", "{\""] {
            #expect(!secret.isEmpty && !words.contains(secret))
        }
        try scene.fake.clearFaults()
        #expect(await backend.failure() == nil)
    }

    @Test("the wait that a throttled answer asks for is passed on", arguments: subjects)
    func retryAfter(_ subject: FaultSubject) async throws {
        let scene = try await subject.filled()
        let backend = try scene.backend("")
        try await backend.connect()
        try scene.fake.fault("throttle", path: subject.paths[0], ["retry_after": 7])
        #expect(await backend.failure() == .throttled(retryAfter: .seconds(7)))
    }

    @Test("an answer that does not come ends with the time-out", arguments: subjects)
    func slow(_ subject: FaultSubject) async throws {
        let scene = try await subject.filled()
        let backend = try scene.backend("timeouts: {connect: 1s, first-byte: 300ms, total: 5s}")
        try await backend.connect()
        try scene.fake.fault("hang", path: subject.paths[0])
        #expect(await backend.failure().kind == "unavailable")
    }

    @Test(
        "a server that cannot prove who it is gets no request",
        arguments: subjects,
        ["expired", "wrong-host", "other-authority"]
    )
    func certificates(_ subject: FaultSubject, certificate: String) async throws {
        let scene = try subject.open(["certificate": certificate])
        #expect(await (try scene.backend("")).failure().kind == "unavailable")
        #expect(try scene.fake.requests().isEmpty)
    }

    @Test("callers that come together log in once", arguments: subjects.filter { $0.login != nil })
    func logins(_ subject: FaultSubject) async throws {
        let scene = try await subject.filled()
        let backend = try scene.backend("")
        try scene.fake.clearRequests()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try? await backend.read(name("KEY")) } }
        }
        let login = try #require(subject.login)
        #expect(try scene.fake.requests().count { $0.path.contains(login) } == 1)
    }

    @Test(
        "a token that is refused is looked at once, and not shown again at once",
        arguments: [FaultSubject.doppler, .elasticsearch, .onePassword]
    )
    func refused(_ subject: FaultSubject) async throws {
        let scene = try await subject.filled()
        let backend = try scene.backend("")
        try await backend.connect()
        try scene.fake.command("revoke")
        try scene.fake.clearRequests()
        for _ in 0..<5 { #expect(await backend.failure().kind == "denied") }
        #expect(try scene.fake.requests().count == 2)
    }

    @Test(
        "a credential that may only read is told so where it writes, and reads on",
        arguments: [FaultSubject.beyondTrust, .delinea, .doppler, .onePassword, .passwordVault]
    )
    func readers(_ subject: FaultSubject) async throws {
        let scene = try await subject.filled()
        guard let backend = try scene.reader?() else {
            Issue.record("nothing says how to make one")
            return
        }
        for key in ["KEY", "NEW"] {
            let error = await backendError { () throws(BackendError) in try await backend.write(name(key), [49]) }
            #expect(error.kind == "forbidden")
        }
        #expect(try await backend.text("KEY") == "made up")
    }

    private static let withSessions: [FaultSubject] = [.beyondTrust, .delinea, .passwordVault]

    @Test("a server that accepts no session ends the call, and is not asked in circles", arguments: withSessions)
    func uselessSessions(_ subject: FaultSubject) async throws {
        let scene = try await subject.filled()
        let backend = try scene.backend("")
        try scene.fake.fault("expired-token", times: 0)
        #expect(await backend.failure().kind == "denied")
        #expect(try scene.fake.requests().count == 4)
    }

    @Test("the session is ended with the backend", arguments: withSessions)
    func farewell(_ subject: FaultSubject) async throws {
        let scene = try await subject.filled()
        let backend = try scene.backend("")
        #expect(await backend.failure() == nil)
        await backend.close()
        #expect(try scene.fake.command("sessions")["count"] as? Int == 0)
    }
}
