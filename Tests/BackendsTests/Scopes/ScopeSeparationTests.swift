import ManagerFakes
import SecretMemory
import Secrets
import Synchronization
import Testing

@testable import Backends

/// Two scopes whose manager is the same server, each with a credential of its own.
@Suite("Two scopes on one server")
struct ScopeSeparationTests {
    private let scene: VaultScene
    private let resolver = SecretResolver(cache: Cache())
    private let scopes: ScopeTable

    init() throws {
        scene = try VaultScene()
        let troubleOf = TroubleLog()
        log = troubleOf
        let scene = scene
        func scope(_ id: UInt16, _ tenant: String) throws -> Scope {
            let token = try scene.token(tenant, ["paths": ["secret/data/\(tenant)/*": ["read"]]])
            var rules = BudgetRules()
            rules.breaker.failures = 5
            return Scope(
                id: id,
                name: tenant,
                tenant: tenant,
                type: "vault",
                backend: try scene.backend(login: "token: {token: \(token)}"),
                budget: Budget(rules) { troubleOf.note(tenant, $0) }
            )
        }
        scopes = ScopeTable([try scope(1, "red"), try scope(2, "blue")])
        for tenant in ["red", "blue"] {
            for key in 0..<10 { try scene.put("\(tenant)/ns/KEY\(key)", ["value": "\(tenant) \(key)"]) }
        }
    }

    private let log: TroubleLog

    private func get(_ tenant: String, _ key: String) async -> String {
        let reference = SecretReference(tenant: tenant, namespace: "ns", key: key)
        let resolution = await resolver.resolve(
            reference,
            scopes: scopes,
            until: .now.advanced(by: .seconds(10)),
            skipping: { _ in false }
        )
        switch resolution {
        case .found(let secret, _): return secret.value.withBytes { Self.text($0) }
        case .notFound: return "not found"
        case .noBackend: return "no backend"
        case .failed(let error): return "\(error)"
        }
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        for index in bytes.indices { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }

    @Test("no request of one carries a credential of the other, and no connection is used by both")
    func credentials() async throws {
        await withTaskGroup(of: Void.self) { group in
            for key in 0..<10 {
                for tenant in ["red", "blue"] { group.addTask { _ = await get(tenant, "KEY\(key)") } }
            }
        }
        let requests = try scene.fake.requests()
        #expect(requests.count >= 20)
        var connections: [Int: Set<String>] = [:]
        for request in requests {
            let credential = try #require(request.credential)
            connections[request.connection, default: []].insert(credential)
            if request.path.contains("/data/") { #expect(request.path.contains("/data/\(credential)/")) }
        }
        #expect(connections.values.allSatisfy { $0.count == 1 })
    }

    @Test("a value that was cached for one is never served to the other")
    func cache() async throws {
        for key in 0..<10 { #expect(await get("red", "KEY\(key)") == "red \(key)") }
        for key in 0..<10 { #expect(await get("blue", "KEY\(key)") == "blue \(key)") }
        for key in 0..<10 { #expect(await get("red", "KEY\(key)") == "red \(key)") }
    }

    @Test("a credential that is refused for one is that one's trouble, and nobody else's")
    func refused() async throws {
        try scene.fake.command("revoke", ["label": "red"])
        #expect(await get("red", "KEY1").hasPrefix("denied"))
        #expect(await get("blue", "KEY1") == "blue 1")
        #expect(log.kinds("red") == ["denied"] && log.kinds("blue").isEmpty)
        let conditions = scopes.scopes.map(\.budget.condition.isFailing)
        #expect(conditions == [true, false])
    }
}

/// What each scope's operator was told.
private final class TroubleLog: Sendable {
    private let seen = Mutex<[String: [BackendError]]>([:])

    func note(_ scope: String, _ error: BackendError) { seen.withLock { $0[scope, default: []].append(error) } }

    func kinds(_ scope: String) -> [String] {
        seen.withLock { $0[scope] ?? [] }.map { if case .denied = $0 { "denied" } else { "\($0)" } }
    }
}
