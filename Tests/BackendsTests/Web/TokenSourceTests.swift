import ScriptedTime
import Secrets
import Synchronization
import Testing

@testable import Backends

@Suite("A credential that ends")
struct TokenSourceTests {
    /// Grants numbered tokens, or refuses.
    private final class Issuer: Sendable {
        struct State: Sendable {
            var issued = 0
            var asked = 0
            var previous: [Int?] = []
            var error: BackendError?
            var isHeld = false
        }

        let state = Mutex(State())
        let lifetime: Duration?

        init(lifetime: Duration? = .seconds(600)) { self.lifetime = lifetime }

        var asked: Int { state.withLock { $0.asked } }
        func fail(with error: BackendError?) { state.withLock { $0.error = error } }
        func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

        func issue(_ previous: Int?) async throws(BackendError) -> TokenSource<Int>.Lease {
            state.withLock { state in
                state.asked += 1
                state.previous.append(previous)
            }
            while state.withLock({ $0.isHeld }), !Task.isCancelled { await Task.yield() }
            let (token, error) = state.withLock { state in
                if state.error == nil { state.issued += 1 }
                return (state.issued, state.error)
            }
            if let error { throw error }
            return TokenSource.Lease(token: token, lifetime: lifetime)
        }
    }

    private let time = ScriptedTime(.waits)

    private func source(_ issuer: Issuer) -> TokenSource<Int> {
        TokenSource(time: time.source) { (previous) throws(BackendError) in try await issuer.issue(previous) }
    }

    /// Lets time pass until who renews has been woken and has asked so often.
    private func advance(_ duration: Duration, until asked: Int, _ issuer: Issuer) async {
        await time.sleepers(1)
        time.advance(by: duration)
        while issuer.asked < asked, !Task.isCancelled { await Task.yield() }
    }

    @Test("is fetched once for all who wait for it")
    func once() async throws {
        let issuer = Issuer()
        issuer.hold(true)
        let source = source(issuer)
        let tokens = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<100 { group.addTask { try? await source.current() } }
            while issuer.asked < 1 { await Task.yield() }
            issuer.hold(false)
            return await group.reduce(into: Set<Int?>()) { $0.insert($1) }
        }
        #expect(tokens == [1] && issuer.asked == 1)
    }

    @Test("is renewed ahead of its end, in the background, from the one that is still valid")
    func renewed() async throws {
        let issuer = Issuer()
        let source = source(issuer)
        #expect(try await source.current() == 1)
        await time.sleepers(1)
        let delay = try #require(time.slept.first)
        #expect(delay >= .seconds(360) && delay <= .seconds(440))
        await advance(delay, until: 2, issuer)
        while try await source.current() != 2 { await Task.yield() }
        #expect(issuer.state.withLock { $0.previous } == [nil, 1])
    }

    @Test("stays in use while its renewal fails, which is tried again and again")
    func failedRenewal() async throws {
        let issuer = Issuer()
        let source = source(issuer)
        _ = try await source.current()
        issuer.fail(with: .unavailable(detail: "away"))
        await advance(.seconds(440), until: 2, issuer)
        #expect(try await source.current() == 1)
        await advance(.seconds(1), until: 3, issuer)
        #expect(try await source.current() == 1)
        issuer.fail(with: nil)
        await advance(.seconds(2), until: 4, issuer)
        while try await source.current() != 2 { await Task.yield() }
    }

    @Test("leaves no renewal behind that sleeps on when its source is gone", .timeLimit(.minutes(1)))
    func dropped() async throws {
        let issuer = Issuer()
        var source: TokenSource<Int>? = source(issuer)
        #expect(try await source?.current() == 1)
        await time.sleepers(1)
        source = nil
        while time.sleeperCount > 0, !Task.isCancelled { await Task.yield() }
        #expect(time.sleeperCount == 0)
    }

    @Test("is not used beyond its end")
    func ended() async throws {
        let issuer = Issuer()
        let source = source(issuer)
        _ = try await source.current()
        issuer.fail(with: .unavailable(detail: "away"))
        await time.sleepers(1)
        time.advance(by: .seconds(600))
        await #expect(throws: BackendError.unavailable(detail: "away")) { try await source.current() }
    }

    @Test("that was refused by the manager is fetched anew, and only by who had that one")
    func refused() async throws {
        let issuer = Issuer()
        let source = source(issuer)
        let old = try await source.current()
        source.refused { $0 == old }
        #expect(try await source.current() == 2)
        source.refused { $0 == old }
        #expect(try await source.current() == 2)
        #expect(issuer.asked == 2)
    }

    @Test("that was denied is not asked for again before a while has passed, longer each time")
    func denied() async throws {
        let issuer = Issuer()
        issuer.fail(with: .denied(detail: "wrong password"))
        let source = source(issuer)
        for _ in 0..<50 { _ = try? await source.current() }
        #expect(issuer.asked == 1)
        time.advance(by: .seconds(1))
        for _ in 0..<50 { _ = try? await source.current() }
        #expect(issuer.asked == 2)
        time.advance(by: .milliseconds(900))
        _ = try? await source.current()
        #expect(issuer.asked == 2)
        time.advance(by: .milliseconds(1100))
        issuer.fail(with: nil)
        #expect(try await source.current() == 1)
    }

    @Test("that could not be fetched for another reason may be asked for at once")
    func unavailable() async throws {
        let issuer = Issuer()
        issuer.fail(with: .unavailable(detail: "away"))
        let source = source(issuer)
        for _ in 0..<3 { _ = try? await source.current() }
        #expect(issuer.asked == 3)
    }

    @Test("without an end is kept")
    func endless() async throws {
        let source = source(Issuer(lifetime: nil))
        _ = try await source.current()
        time.advance(by: .seconds(1_000_000))
        #expect(try await source.current() == 1 && time.slept.isEmpty)
    }

    @Test("is given up at the end, and none is fetched any more")
    func closed() async throws {
        let issuer = Issuer()
        let source = source(issuer)
        _ = try await source.current()
        #expect(source.close() == 1)
        await #expect(throws: BackendError.self) { try await source.current() }
        #expect(issuer.asked == 1)
    }
}
