import Foundation
import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Vault: logging in")
struct VaultLoginTests {
    private let scene: VaultScene

    init() throws {
        scene = try VaultScene()
        try scene.put("main/company/team/KEY", ["value": "made up"])
    }

    private func works(_ backend: any SecretBackend) async throws {
        try await backend.connect()
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
    }

    private func detail(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return ""
        } catch {
            guard case BackendError.denied(let detail) = error else { return "not denied: \(error)" }
            return detail
        }
    }

    @Test("with user and password")
    func password() async throws {
        try scene.fake.command("user", ["name": "john", "password": "made up too"])
        try await works(scene.backend(login: "password: {user: john, password: made up too}"))
        let wrong = try scene.backend(login: "password: {user: john, password: wrong}")
        #expect(await detail { try await wrong.connect() }.contains("invalid username or password"))
    }

    @Test("a log-in that was refused is not repeated at once, so that no account is locked")
    func lockout() async throws {
        try scene.fake.command("user", ["name": "john", "password": "made up too"])
        let backend = try scene.backend(login: "password: {user: john, password: wrong}")
        for _ in 0..<20 { #expect(await detail { _ = try await backend.read(name("KEY")) } != "") }
        #expect(try scene.fake.requests().count { $0.path.contains("login") } == 1)
    }

    @Test("with AppRole, at a path of its own", arguments: ["approle", "teams/ci"])
    func appRole(path: String) async throws {
        if path != "approle" { try scene.fake.command("auth", ["path": path, "kind": "approle"]) }
        let made = try scene.fake.command("approle", ["name": "kestra", "mount": path])
        let (role, secret) = (made["role_id"] as? String ?? "", made["secret_id"] as? String ?? "")
        try await works(scene.backend(login: "app-role: {path: \(path), role-id: \(role), secret-id: \(secret)}"))
    }

    @Test("with a wrapped secret-id, which opens once, and not where it comes from elsewhere")
    func wrapped() async throws {
        let made = try scene.fake.command("approle", ["name": "kestra"])
        let role = made["role_id"] as? String ?? ""
        func login(_ token: String) -> String {
            "app-role: {role-id: \(role), secret-id: \(token), secret-id-is-wrapped: true}"
        }
        let issued = try scene.fake.command("secret-id", ["role": "kestra", "wrap_ttl": 60])
        let token = issued["wrapping_token"] as? String ?? ""
        let backend = try scene.backend(login: login(token))
        try await works(backend)
        // A new log-in does not open the wrapping again.
        try scene.fake.command("revoke", ["label": "kestra"])
        try await works(backend)
        let late = try scene.backend(login: login(token))
        #expect(await detail { try await late.connect() }.contains("somebody else opened it first"))
        let forged = try scene.fake.command("wrap", ["path": "cubbyhole/x", "data": ["secret_id": "x"]])
        let other = try scene.backend(login: login(forged["wrapping_token"] as? String ?? ""))
        #expect(await detail { try await other.connect() }.contains("was not made by the AppRole"))
    }

    @Test("with the service account of Kubernetes, whose token is read again for each log-in")
    func kubernetes() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("token")
        try scene.fake.command("kubernetes-role", ["name": "kestra", "jwts": ["made.up.one"]])
        try "made.up.one\n".write(toFile: file, atomically: true, encoding: .utf8)
        let backend = try scene.backend(login: "kubernetes: {role: kestra, token-path: \(file)}")
        try await works(backend)
        try scene.fake.command("kubernetes-role", ["name": "kestra", "jwts": ["made.up.two"]])
        try "made.up.two\n".write(toFile: file, atomically: true, encoding: .utf8)
        try scene.fake.command("revoke")
        try await works(backend)
        let absent = try scene.backend(login: "kubernetes: {role: kestra, token-path: \(file)-absent}")
        #expect(await detail { try await absent.connect() }.contains("\(file)-absent"))
    }

    @Test(
        "a token that was revoked is replaced by a new log-in, and the request made again",
        arguments: ["vault", "openbao"]
    )
    func revoked(flavour: String) async throws {
        let scene = try VaultScene(["flavour": flavour])
        try scene.put("main/company/team/KEY", ["value": "made up"])
        try scene.fake.command("user", ["name": "john", "password": "made up too"])
        let backend = try scene.backend(login: "password: {user: john, password: made up too}")
        try await backend.connect()
        try scene.fake.command("revoke", ["label": "john"])
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        #expect(try scene.fake.requests().count { $0.path.contains("login") } == 2)
    }

    @Test("a token of the configuration that ended is the agent's own credential refused")
    func staticToken() async throws {
        let token = try scene.token("static", ["ttl": 3600])
        let backend = try scene.backend(login: "token: {token: \(token)}")
        try await works(backend)
        try scene.fake.command("revoke", ["label": "static"])
        #expect(await detail { _ = try await backend.read(name("KEY")) } != "")
    }

    @Test("what a policy does not permit is forbidden, neither missing nor a refused credential")
    func forbidden() async throws {
        let token = try scene.token("narrow", ["paths": ["secret/data/main/company/*": ["read"]]])
        let backend = try scene.backend(login: "token: {token: \(token)}")
        #expect(try await backend.read(name("KEY")) == Array("made up".utf8))
        await #expect {
            try await backend.read(name("KEY", namespace: "elsewhere"))
        } throws: { error in
            if case BackendError.forbidden(let detail) = error { detail.contains("main/elsewhere/KEY") } else { false }
        }
        // Whether the token is good is not asked again and again.
        for _ in 0..<5 { _ = try? await backend.read(name("KEY", namespace: "elsewhere")) }
        #expect(try scene.fake.requests().count { $0.path.contains("lookup-self") } <= 2)
    }

    @Test("many callers that come before there is a token make one log-in")
    func singleFlight() async throws {
        try scene.fake.command("user", ["name": "john", "password": "made up too"])
        try scene.fake.fault("slow", path: "login", ["seconds": 0.3])
        let backend = try scene.backend(login: "password: {user: john, password: made up too}")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try? await backend.read(name("KEY")) } }
        }
        #expect(try scene.fake.requests().count { $0.path.contains("login") } == 1)
    }

    @Test("at the end, the token of a log-in is revoked")
    func revokedAtTheEnd() async throws {
        try scene.fake.command("user", ["name": "john", "password": "made up too"])
        let backend = try scene.backend(login: "password: {user: john, password: made up too}")
        try await works(backend)
        await backend.close()
        #expect(try scene.fake.requests().last?.path == "/v1/auth/token/revoke-self")
        #expect(try scene.fake.requests().last?.status == 204)
    }
}
