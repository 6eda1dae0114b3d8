internal import SecretMemory
import Testing

@testable import Secrets

@Suite("The climb")
struct ClimbTests {
    @Test("levels are asked the nearest first, up to the one that has a value")
    func nearestFirst() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        #expect(await fixture.get(in: "a.b.c") == .found(1, in: "a", .fresh))
        #expect(await fixture.backend.namespacesAsked == ["a.b.c", "a.b", "a"])
        #expect(await fixture.get(in: "a.b.c") == .found(1, in: "a", .cached))
        #expect(await fixture.get(in: "a.b") == .found(1, in: "a", .cached))
        #expect(await fixture.backend.callCount == 3)
        #expect(fixture.condition.calls == 3)
    }

    @Test("a child's value hides its parent's, and its siblings see the parent's")
    func shadows() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        await fixture.backend.answer(.value(mark: 2), in: "a.b")
        #expect(await fixture.get(in: "a.b") == .found(2, in: "a.b", .fresh))
        #expect(await fixture.get(in: "a.c") == .found(1, in: "a", .fresh))
        #expect(await fixture.get(in: "a.b.d") == .found(2, in: "a.b", .cached))
        #expect(await fixture.get(in: "b") == .notFound)
        #expect(await fixture.get("OTHER", in: "a.b") == .notFound)
    }

    @Test("a level that cannot tell ends the search: its parent must not answer for it", arguments: BackendError.all)
    func failing(error: BackendError) async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .fresh))
        await fixture.backend.answer(.failure(error), in: "a.b")
        #expect(await fixture.get(in: "a.b") == .failed(error))
        #expect(await fixture.get(in: "a.b.c") == .failed(error))
        #expect(fixture.getCached(in: "a.b").0 == nil)
        #expect(fixture.condition.failures == (error.isTrouble ? 2 : 0))
    }

    @Test("an error is not remembered: the next caller asks again")
    func errorsAreNotKept() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.failure(.unavailable(detail: "away")), in: "a")
        #expect(await fixture.get(in: "a") == .failed(.unavailable(detail: "away")))
        await fixture.backend.answer(.value(mark: 3), in: "a")
        #expect(await fixture.get(in: "a") == .found(3, in: "a", .fresh))
    }

    @Test("closed levels are passed over, on both ways")
    func closed() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        await fixture.backend.answer(.value(mark: 2), in: "a.b")
        #expect(await fixture.get(in: "a.b", skipping: ["a.b"]) == .found(1, in: "a", .fresh))
        #expect(await fixture.backend.namespacesAsked == ["a"])
        #expect(await fixture.get(in: "a.b") == .found(2, in: "a.b", .fresh))
        #expect(fixture.getCached(in: "a.b").0 == .found(2, in: "a.b", .cached))
        #expect(fixture.getCached(in: "a.b", skipping: ["a.b"]).0 == .found(1, in: "a", .cached))
        #expect(fixture.getCached(in: "a.b", skipping: ["a.b", "a"]).0 == .notFound)
        #expect(await fixture.get(in: "a.b", skipping: ["a.b", "a"]) == .notFound)
        #expect(await fixture.backend.callCount == 2)
    }

    @Test("the way without waiting answers only what every nearer level has settled")
    func cachedClimb() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        #expect(fixture.getCached(in: "a.b").0 == nil)
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .fresh))
        #expect(fixture.getCached(in: "a").0 == .found(1, in: "a", .cached))
        #expect(fixture.getCached(in: "a.b").0 == nil)
        #expect(await fixture.get(in: "a.b") == .found(1, in: "a", .cached))
        #expect(fixture.getCached(in: "a.b").0 == .found(1, in: "a", .cached))
        #expect(await fixture.get("ABSENT", in: "a.b") == .notFound)
        #expect(fixture.getCached("ABSENT", in: "a.b").0 == .notFound)
        #expect(fixture.getCached("ABSENT", in: "a.b", at: BootInstant.now.advanced(by: .seconds(601))).0 == nil)
    }

    @Test(
        "both ways take the same steps, whatever stands in a namespace",
        arguments: ["a.\u{301}b", "a\u{600}.b", "\u{1f468}\u{200d}.x.y"]
    )
    func strangeNames(namespace: String) async throws {
        let fixture = ResolverFixture()
        let top = try #require(SecretReference(tenant: "", namespace: namespace, key: "").levels.last)
        await fixture.backend.answer(.value(mark: 1), in: top)
        #expect(await fixture.get(in: namespace) == .found(1, in: top, .fresh))
        #expect(fixture.getCached(in: namespace).0 == .found(1, in: top, .cached))
    }

    @Test("what is wrong with a request does not make its manager look as if it failed", arguments: BackendError.all)
    func whoseFault(error: BackendError) async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.failure(error), in: "a")
        #expect(await fixture.get(in: "a") == .failed(error))
        let isTheManagers = [.readOnly, .unsupported(detail: "no such"), .conflict, .tooLarge(limit: 1)].allSatisfy {
            $0 != error
        }
        #expect(fixture.condition.isFailing == isTheManagers)
        #expect(fixture.condition.failures == (isTheManagers ? 1 : 0))
    }

    @Test("a version is a name of its own")
    func versions() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        #expect(await fixture.get(in: "a", version: "7") == .found(1, in: "a", .fresh))
        #expect(await fixture.get(in: "a") == .found(1, in: "a", .fresh))
        #expect(await fixture.get(in: "a", version: "7") == .found(1, in: "a", .cached))
        #expect(await fixture.backend.calls.map(\.version) == ["7", nil])
    }
}

extension BackendError {
    /// One of each kind.
    static let all: [BackendError] = [
        .unavailable(detail: "away", retryAfter: .seconds(1)), .throttled(), .denied(detail: "no"),
        .malformed(detail: "what"),
        .readOnly, .unsupported(detail: "no such"), .conflict, .tooLarge(limit: 1), .memory(.arenaFull),
    ]
}
