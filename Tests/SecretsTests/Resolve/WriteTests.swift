import SecretMemory
import Testing

@testable import Secrets

@Suite("Writing")
struct WriteTests {
    @Test("a new value is what the next reader gets, at its level and below")
    func put() async throws {
        let fixture = ResolverFixture(.lasting(notFound: .seconds(600)))
        #expect(await fixture.get(in: "a.b") == .notFound)
        #expect(fixture.getCached(in: "a.b").0 == .notFound)
        #expect(try await fixture.put(1, in: "a") == "written")
        #expect(await fixture.get(in: "a.b") == .found(1, in: "a", .fresh))
        #expect(try await fixture.put(2, in: "a.b") == "written")
        #expect(await fixture.get(in: "a.b") == .found(2, in: "a.b", .fresh))
        #expect(
            try await fixture.resolver.delete(
                SecretName(tenant: "main", namespace: "a.b", key: "KEY"),
                scopes: fixture.scopes,
                until: .distantFuture
            ) == true
        )
        #expect(await fixture.get(in: "a.b") == .found(1, in: "a", .cached))
    }

    @Test("deleting what is not there says so")
    func delete() async throws {
        let fixture = ResolverFixture()
        #expect(
            try await fixture.resolver.delete(
                SecretName(tenant: "main", namespace: "a", key: "NONE"),
                scopes: fixture.scopes,
                until: .distantFuture
            ) == false
        )
    }

    @Test("a write that failed may have been carried out: what was cached is forgotten all the same")
    func failedPut() async throws {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .fresh))
        await fixture.backend.failWrites(with: .unavailable(detail: "lost"))
        await #expect(throws: BackendError.unavailable(detail: "lost")) { try await fixture.put(2, in: "a") }
        #expect(await fixture.get(in: "a") == .found(2, in: "a", .fresh))
    }

    @Test("what is read-only is not even asked", arguments: [true, false])
    func readOnly(byConfiguration: Bool) async throws {
        let fixture =
            byConfiguration ? ResolverFixture(isReadOnly: true) : ResolverFixture(capabilities: [.list, .versions])
        await fixture.backend.answer(.value(mark: 1), in: "a")
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .fresh))
        await #expect(throws: BackendError.readOnly) { try await fixture.put(2, in: "a") }
        await #expect(throws: BackendError.readOnly) {
            try await fixture.resolver.delete(
                SecretName(tenant: "main", namespace: "a", key: "KEY"),
                scopes: fixture.scopes,
                until: .distantFuture
            )
        }
        #expect(await fixture.backend.writes.isEmpty)
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .cached))
    }

    @Test("names are listed where the manager can, and else it is said")
    func list() async throws {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), to: "B", in: "a")
        await fixture.backend.answer(.value(mark: 1), to: "A", in: "a")
        await fixture.backend.answer(.value(mark: 1), to: "C", in: "b")
        let page = try await fixture.resolver.list(
            ListQuery(tenant: "main", namespace: "a", limit: 9),
            scopes: fixture.scopes,
            until: .distantFuture
        )
        #expect(page?.entries.map(\.key) == ["A", "B"])
        let blind = ResolverFixture(capabilities: [])
        await #expect(throws: BackendError.unsupported(detail: "scripted cannot list names")) {
            try await blind.resolver.list(
                ListQuery(tenant: "main", namespace: "a", limit: 9),
                scopes: blind.scopes,
                until: .distantFuture
            )
        }
    }
}
