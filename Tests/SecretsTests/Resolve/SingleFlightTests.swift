import Testing

@testable import Secrets

@Suite("Single flight", .timeLimit(.minutes(1)))
struct SingleFlightTests {
    @Test("a thousand misses of one name at the same time are one call")
    func thousand() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 5), in: "a")
        await fixture.backend.hold()
        await withTaskGroup(of: Outcome.self) { group in
            for _ in 0..<1000 { group.addTask { await fixture.get(in: "a") } }
            await fixture.backend.reads(1)
            await fixture.backend.release()
            for await outcome in group {
                #expect(outcome == .found(5, in: "a", .fresh) || outcome == .found(5, in: "a", .cached))
            }
        }
        #expect(await fixture.backend.callCount == 1)
        #expect(fixture.condition.calls == 1)
    }

    @Test("again and again, without a call too many when a flight has just landed")
    func landing() async {
        for _ in 0..<100 {
            let fixture = ResolverFixture()
            await fixture.backend.answer(.value(mark: 5), in: "a")
            await withTaskGroup(of: Outcome.self) { group in
                for _ in 0..<40 { group.addTask { await fixture.get(in: "a") } }
            }
            #expect(await fixture.backend.callCount == 1)
        }
    }

    @Test("without a cache too, those who ask at the same time share a call, and the next does not")
    func withoutCache() async {
        var policy = CachePolicy()
        policy.isEnabled = false
        let fixture = ResolverFixture(policy)
        await fixture.backend.answer(.value(mark: 5), in: "a")
        await fixture.backend.hold()
        // Each runs up to the point where it waits before the next begins.
        let tasks = (0..<100).map { _ in Task.immediate { await fixture.get(in: "a") } }
        await fixture.backend.reads(1)
        await fixture.backend.release()
        for task in tasks { #expect(await task.value == .found(5, in: "a", .fresh)) }
        #expect(await fixture.backend.callCount == 1)
        #expect(await fixture.get(in: "a") == .found(5, in: "a", .fresh))
        #expect(await fixture.get(in: "a") == .found(5, in: "a", .fresh))
        #expect(await fixture.backend.callCount == 3)
        #expect(fixture.getCached(in: "a").0 == nil)
        #expect(fixture.cache.statistics.entries == 0)
    }

    @Test("a failure and a nothing are shared as well")
    func sharedFailures() async {
        let fixture = ResolverFixture()
        for (answer, outcome) in [
            (ScriptedBackend.Answer.failure(.throttled()), Outcome.failed(.throttled())), (.none, .notFound),
        ] {
            let before = await fixture.backend.callCount
            await fixture.backend.answer(answer, in: "a")
            await fixture.backend.hold()
            let tasks = (0..<20).map { _ in Task.immediate { await fixture.get(in: "a") } }
            await fixture.backend.reads(before + 1)
            await fixture.backend.release()
            for task in tasks { #expect(await task.value == outcome) }
            #expect(await fixture.backend.callCount == before + 1)
        }
    }

    @Test("names that only look alike are two flights")
    func lookAlikes() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), to: "K", in: "a")
        await fixture.backend.answer(.value(mark: 2), to: "\u{212a}", in: "a")
        await fixture.backend.hold()
        let letter = Task.immediate { await fixture.get("K", in: "a") }
        let kelvin = Task.immediate { await fixture.get("\u{212a}", in: "a") }
        await fixture.backend.reads(2)
        await fixture.backend.release()
        #expect(await letter.value == .found(1, in: "a", .fresh))
        #expect(await kelvin.value == .found(2, in: "a", .fresh))
    }

    @Test("who asks after a write does not get what was read before it")
    func afterPut() async throws {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 1), in: "a")
        await fixture.backend.hold()
        let before = Task.immediate { await fixture.get(in: "a") }
        await fixture.backend.reads(1)
        #expect(try await fixture.put(2, in: "a") == "written")
        let after = Task.immediate { await fixture.get(in: "a") }
        await fixture.backend.reads(2)
        await fixture.backend.release()
        #expect(await before.value == .found(1, in: "a", .fresh))
        #expect(await after.value == .found(2, in: "a", .fresh))
        #expect(await fixture.get(in: "a") == .found(2, in: "a", .cached))
        #expect(await fixture.backend.callCount == 2)
    }

    @Test("nor does who asks a child after a write to its parent, or anybody after a delete")
    func afterOtherWrites() async throws {
        let fixture = ResolverFixture()
        await fixture.backend.hold()
        let child = Task.immediate { await fixture.get(in: "a.b") }
        await fixture.backend.reads(1)
        _ = try await fixture.put(2, in: "a.b")
        await fixture.backend.release()
        #expect(await child.value == .notFound)
        #expect(await fixture.get(in: "a.b") == .found(2, in: "a.b", .fresh))
        await fixture.backend.hold()
        let old = Task.immediate { await fixture.get(in: "a.b", maximumAge: 0) }
        let calls = await fixture.backend.callCount
        await fixture.backend.reads(calls)
        #expect(
            try await fixture.resolver.delete(
                SecretName(tenant: "main", namespace: "a.b", key: "KEY"),
                scopes: fixture.scopes,
                until: .distantFuture
            ) == true
        )
        await fixture.backend.release()
        _ = await old.value
        #expect(await fixture.get(in: "a.b") == .notFound)
    }

    @Test("a caller who gives up takes nobody's answer along")
    func cancellation() async {
        let fixture = ResolverFixture()
        await fixture.backend.answer(.value(mark: 5), in: "a")
        await fixture.backend.hold()
        let first = Task.immediate { await fixture.get(in: "a") }
        let second = Task.immediate { await fixture.get(in: "a") }
        await fixture.backend.reads(1)
        first.cancel()
        await fixture.backend.release()
        #expect(await second.value == .found(5, in: "a", .fresh))
        _ = await first.value
        #expect(await fixture.backend.callCount == 1)
    }

    @Test("a landed flight holds no value")
    func nothingIsHeld() async throws {
        var policy = CachePolicy()
        policy.isEnabled = false
        let fixture = ResolverFixture(policy)
        await fixture.backend.answer(.value(mark: 5), in: "a")
        let reference = SecretReference(tenant: "main", namespace: "a", key: "KEY")
        var resolution: Resolution? = await fixture.resolver.resolve(
            reference,
            scopes: fixture.scopes,
            until: .distantFuture
        ) { _ in false }
        guard case .found(let secret, _) = resolution else {
            Issue.record("nothing was found")
            return
        }
        weak let left = secret
        #expect(left?.mark == 5)
        resolution = nil
        _ = consume secret
        // The flight's own task may still be on its way out.
        for _ in 0..<10_000 where left != nil { await Task.yield() }
        #expect(left == nil)
    }
}
