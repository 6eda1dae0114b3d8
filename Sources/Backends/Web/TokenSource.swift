internal import SecretMemory
internal import Secrets
internal import Synchronization

/// A credential that ends, such as a token: fetched once for all who wait for it, and renewed in the background ahead of its
/// end. A renewal that fails keeps the token for as long as it is valid. What was refused is not asked for again at once, so
/// that no account is locked by its own agent.
final class TokenSource<Token: Sendable>: Sendable {
    /// A token as it was granted.
    struct Lease: Sendable {
        let token: Token
        /// How long it is valid from now on; nil: without end.
        let lifetime: Duration?
    }

    private struct State: Sendable {
        var lease: (token: Token, until: BootInstant)?
        var fetch: Task<Result<Token, BackendError>, Never>?
        var renewal: Task<Void, Never>?
        /// A refusal that is not to be repeated before its time.
        var refusal: (error: BackendError, until: BootInstant)?
        var refusals = 0
        var isClosed = false
    }

    /// The first wait after a refusal, which each further one doubles, and the longest.
    private let waits: ClosedRange<Duration>
    private let time: TimeSource
    private let fetch: @Sendable (Token?) async throws(BackendError) -> Lease
    private let state = Mutex(State())

    /// - Parameters:
    ///   - waits: how long a refusal is not repeated, at first and at most.
    ///   - fetch: gets a token; where it is to be renewed, from the one that is still valid.
    init(
        time: TimeSource = .system,
        waits: ClosedRange<Duration> = .seconds(1)...(.seconds(60)),
        fetch: @escaping @Sendable (_ previous: Token?) async throws(BackendError) -> Lease
    ) {
        self.time = time
        self.waits = waits
        self.fetch = fetch
    }

    /// The renewal knows its source weakly, but would sleep on without it until the token's time.
    deinit { state.withLock { $0.renewal?.cancel() } }

    /// The token, fetched where there is none that is valid.
    func current() async throws(BackendError) -> Token {
        let now = time.now()
        let (valid, refusal, running): (Token?, BackendError?, Task<Result<Token, BackendError>, Never>?) =
            state.withLock { state in
                if let lease = state.lease, now < lease.until { return (lease.token, nil, nil) }
                if let running = state.fetch { return (nil, nil, running) }
                if let refusal = state.refusal, now < refusal.until { return (nil, refusal.error, nil) }
                if state.isClosed { return (nil, .unavailable(detail: "the manager was closed"), nil) }
                let started = Task { await self.fetchOnce(previous: nil) }
                state.fetch = started
                return (nil, nil, started)
            }
        if let valid { return valid }
        if let refusal { throw refusal }
        guard let running else { preconditionFailure("there is a token, a refusal or a fetch") }
        return try await running.valueUnlessGivenUp()
    }

    /// Forgets a token that the manager did not accept, where it is still the current one.
    func refused(_ isRefused: (Token) -> Bool) {
        state.withLock { state in
            guard let lease = state.lease, isRefused(lease.token) else { return }
            state.lease = nil
            state.renewal?.cancel()
            state.renewal = nil
        }
    }

    /// Gives the token up, for the caller to revoke.
    @discardableResult
    func close() -> Token? {
        state.withLock { state in
            state.isClosed = true
            state.fetch?.cancel()
            state.renewal?.cancel()
            defer { state.lease = nil }
            return state.lease?.token
        }
    }

    // MARK: Fetching

    private func fetchOnce(previous: Token?) async -> Result<Token, BackendError> {
        defer { Hardening.scrubStack() }
        let result: Result<Lease, BackendError>
        do throws(BackendError) { result = .success(try await fetch(previous)) } catch { result = .failure(error) }
        let now = time.now()
        return state.withLock { state in
            state.fetch = nil
            switch result {
            case .success(let lease):
                state.refusal = nil
                state.refusals = 0
                guard !state.isClosed else { return .failure(.unavailable(detail: "the manager was closed")) }
                keep(lease, at: now, in: &state)
                return .success(lease.token)
            case .failure(let error):
                if case .denied = error {
                    state.refusals += 1
                    state.refusal = (error, now.advanced(by: wait(after: state.refusals)))
                }
                return .failure(error)
            }
        }
    }

    private func keep(_ lease: Lease, at now: BootInstant, in state: inout State) {
        state.renewal?.cancel()
        state.renewal = nil
        guard let lifetime = lease.lifetime else {
            state.lease = (lease.token, .distantFuture)
            return
        }
        // It ends a little earlier here than there, because the way to the manager takes its time.
        let margin = min(lifetime / 20, .seconds(5))
        state.lease = (lease.token, now.advanced(by: lifetime - margin))
        let delay = lifetime * 2 / 3 * Double.random(in: 0.9...1.1)
        state.renewal = Task { [weak self, time] in
            try? await time.sleep(delay)
            await self?.renew()
        }
    }

    /// Tries until it succeeds, or the token has ended and the next caller fetches another.
    private func renew() async {
        var failures = 0
        while !Task.isCancelled {
            let previous = state.withLock { $0.lease }
            guard let previous, time.now() < previous.until else { return }
            // This task is what `keep` cancels, so whatever follows a success must not matter.
            if case .success = await fetchOnce(previous: previous.token) { return }
            failures += 1
            try? await time.sleep(wait(after: failures))
        }
    }

    private func wait(after failures: Int) -> Duration {
        let doubled = waits.lowerBound * (1 << min(failures - 1, 10))
        return min(doubled, waits.upperBound) * Double.random(in: 0.5...1)
    }
}

extension TokenSource where Token: AnyObject {
    /// Sends a request with the token; where that was refused, and so nothing done, once more with another.
    func send<Answer: ~Copyable>(
        _ ask: (Token) async throws(BackendError) -> Answer,
        isRefused: (borrowing Answer) -> Bool
    ) async throws(BackendError) -> Answer {
        let token = try await current()
        let first = try await ask(token)
        guard isRefused(first) else { return first }
        refused { $0 === token }
        return try await ask(try await current())
    }
}
