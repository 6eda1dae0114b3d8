import SecretMemory
import Testing

@testable import Secrets

@Suite("Scopes")
struct ScopeTests {
    private static func scope(_ id: UInt16, tenant: String? = nil, namespace: String? = nil) -> Scope {
        Scope(id: id, name: "\(id)", tenant: tenant, namespace: namespace, type: "scripted", backend: ScriptedBackend())
    }

    private static func bound(_ id: UInt16, _ backend: ScriptedBackend, tenant: String? = nil, namespace: String? = nil)
        -> Scope
    {
        Scope(id: id, name: "\(id)", tenant: tenant, namespace: namespace, type: "scripted", backend: backend)
    }

    @Test(
        "the nearest scope wins: the tenant's own before one for all, then the longest namespace",
        arguments: [
            ("main", "x", 1), ("main", "a", 2), ("main", "a.b", 3), ("main", "a.b.c.d", 3), ("main", "ab", 1),
            ("main", "a.bc", 2),
            ("blue", "x", 4), ("blue", "a", 4), ("blue", "a.b", 4), ("blue", "p", 5), ("blue", "p.q", 5),
            ("blue", "pq", 4),
            ("", "a.b", 3), ("blu", "x", 1), ("blue2", "p", 1), ("main", "", 1), ("blue", "", 4),
        ] as [(String, String, UInt16)]
    )
    func nearest(tenant: String, namespace: String, expected: UInt16) {
        let scopes = [
            Self.scope(1), Self.scope(2, namespace: "a"), Self.scope(3, namespace: "a.b"),
            Self.scope(4, tenant: "blue"),
            Self.scope(5, tenant: "blue", namespace: "p"),
        ]
        #expect(ScopeTable(scopes).find(tenant: tenant, namespace: namespace)?.id == expected)
        #expect(ScopeTable(scopes.reversed()).find(tenant: tenant, namespace: namespace)?.id == expected)
    }

    @Test("a tenant's own scope is nearer than the longest namespace of another")
    func tenantFirst() {
        let longest = Array(repeating: "abcdefg", count: 32).joined(separator: ".")
        #expect(longest.utf8.count == 255)
        let table = ScopeTable([Self.scope(1, namespace: longest), Self.scope(2, tenant: "t")])
        #expect(table.find(tenant: "t", namespace: longest)?.id == 2)
        #expect(table.find(tenant: "u", namespace: longest)?.id == 1)
    }

    @Test("where nothing is configured there is no scope")
    func none() {
        #expect(ScopeTable([]).find(tenant: "t", namespace: "a") == nil)
        let table = ScopeTable([Self.scope(1, tenant: "t", namespace: "a")])
        #expect(table.find(tenant: "t", namespace: "b") == nil)
        #expect(table.find(tenant: "u", namespace: "a") == nil)
        #expect(table.find(tenant: "t", namespace: "a.b")?.id == 1)
    }

    @Test("a scope at the root has everything below it")
    func root() {
        let table = ScopeTable([Self.scope(1, tenant: "t", namespace: "")])
        #expect(table.find(tenant: "t", namespace: "")?.id == 1)
        #expect(table.find(tenant: "t", namespace: "a.b")?.id == 1)
    }

    @Test("tenants and namespaces are compared byte for byte")
    func bytes() {
        let table = ScopeTable([Self.scope(1, tenant: "caf\u{e9}"), Self.scope(2, namespace: "K")])
        #expect(table.find(tenant: "cafe\u{301}", namespace: "a") == nil)
        #expect(table.find(tenant: "caf\u{e9}", namespace: "a")?.id == 1)
        #expect(table.find(tenant: "t", namespace: "\u{212a}") == nil)
    }

    @Test("each level of the climb is asked of its own scope, and nothing of one is served for another")
    func levels() async throws {
        let (common, own) = (ScriptedBackend(), ScriptedBackend())
        let resolver = SecretResolver(cache: Cache())
        let scopes = ScopeTable([Self.bound(1, common), Self.bound(2, own, namespace: "a.b")])
        func get(_ namespace: String, _ scopes: ScopeTable) async -> Outcome {
            let reference = SecretReference(tenant: "main", namespace: namespace, key: "KEY")
            return Outcome(await resolver.resolve(reference, scopes: scopes, until: .distantFuture) { _ in false })
        }
        await common.answer(.value(mark: 1), in: "a")
        await common.answer(.value(mark: 9), in: "a.b")
        #expect(await get("a.b.c", scopes) == .found(1, in: "a", .fresh))
        #expect(await own.namespacesAsked == ["a.b.c", "a.b"])
        #expect(await common.namespacesAsked == ["a"])
        await own.answer(.value(mark: 2), in: "a.b")
        _ = resolver.cache.evict(tenant: nil, namespace: nil, key: nil)
        #expect(await get("a.b", scopes) == .found(2, in: "a.b", .fresh))
        // The same name under another table, as after a reload: another scope, another credential, another entry.
        let reloaded = ScopeTable([Self.bound(3, common)])
        #expect(await get("a.b", reloaded) == .found(9, in: "a.b", .fresh))
        #expect(await get("a.b", scopes) == .found(2, in: "a.b", .cached))
    }

    @Test("two tenants with a scope each never meet", .timeLimit(.minutes(1)))
    func tenants() async {
        let (blue, green) = (ScriptedBackend(), ScriptedBackend())
        let resolver = SecretResolver(cache: Cache())
        let scopes = ScopeTable([Self.bound(1, blue, tenant: "blue"), Self.bound(2, green, tenant: "green")])
        await blue.answer(.value(mark: 1), in: "a", tenant: "blue")
        await green.answer(.value(mark: 2), in: "a", tenant: "green")
        await blue.hold()
        await green.hold()
        func get(_ tenant: String) async -> Outcome {
            let reference = SecretReference(tenant: tenant, namespace: "a", key: "KEY")
            return Outcome(await resolver.resolve(reference, scopes: scopes, until: .distantFuture) { _ in false })
        }
        let first = Task.immediate { await get("blue") }
        let second = Task.immediate { await get("green") }
        await blue.reads(1)
        await green.reads(1)
        await blue.release()
        await green.release()
        #expect(await first.value == .found(1, in: "a", .fresh))
        #expect(await second.value == .found(2, in: "a", .fresh))
        #expect(await get("blue") == .found(1, in: "a", .cached))
        #expect(await get("green") == .found(2, in: "a", .cached))
        #expect(await get("red") == .noBackend)
    }

    @Test("without a scope for any open level there is no manager to ask")
    func noBackend() async throws {
        let backend = ScriptedBackend()
        await backend.answer(.value(mark: 1), in: "a")
        let resolver = SecretResolver(cache: Cache())
        let scopes = ScopeTable([Self.bound(1, backend, namespace: "b.c")])
        func get(_ namespace: String) async -> Outcome {
            let reference = SecretReference(tenant: "main", namespace: namespace, key: "KEY")
            return Outcome(await resolver.resolve(reference, scopes: scopes, until: .distantFuture) { _ in false })
        }
        #expect(await get("a") == .noBackend)
        #expect(await get("b") == .noBackend)
        #expect(await get("b.c") == .notFound)
        #expect(await backend.namespacesAsked == ["b.c"])
        let name = SecretName(tenant: "main", namespace: "a", key: "KEY")
        #expect(
            try await resolver.put(
                SecretWrite(name: name),
                value: SharedSecret(.marked(1)),
                scopes: scopes,
                until: .distantFuture
            ) == nil
        )
        #expect(try await resolver.delete(name, scopes: scopes, until: .distantFuture) == nil)
        #expect(
            try await resolver.list(
                ListQuery(tenant: "main", namespace: "a", limit: 1),
                scopes: scopes,
                until: .distantFuture
            ) == nil
        )
        #expect(await backend.writes.isEmpty)
    }
}
