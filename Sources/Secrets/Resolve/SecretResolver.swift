public import SecretMemory
internal import Synchronization

/// Finds values: climbs namespaces, asks the cache, and else the manager, once for all who ask at the same time.
public final class SecretResolver: Sendable {
    /// What became of one level.
    private enum LevelAnswer: Sendable {
        case found(ResolvedSecret)
        case notFound
        case failed(BackendError)
    }

    /// How a look-up of one level goes on.
    private enum Beginning: Sendable {
        case cached(LevelAnswer)
        case flight(Task<LevelAnswer, Never>)
    }

    private struct Flight: Sendable {
        let task: Task<LevelAnswer, Never>
        let number: UInt64
    }

    private struct Flights: Sendable {
        var inTheAir: [StoredKey: Flight] = [:]
        var nextNumber: UInt64 = 0
    }

    public let cache: Cache
    private let flights = Mutex(Flights())
    private let backendCalls = Atomic<UInt64>(0)
    private let failures = Atomic<UInt64>(0)
    private let lastCallFailed = Atomic(false)

    public init(cache: Cache) { self.cache = cache }

    /// Reads sent to managers since the start, and how many of them failed.
    public var statistics: (calls: UInt64, failures: UInt64) {
        (backendCalls.load(ordering: .relaxed), failures.load(ordering: .relaxed))
    }

    /// Whether the last read that a manager was sent failed.
    public var isLastCallFailed: Bool { lastCallFailed.load(ordering: .relaxed) }

    // MARK: The way without waiting

    /// Answers from the cache alone, on the caller's thread and without an allocation.
    ///
    /// - Parameters:
    ///   - skipping: levels that are closed to the caller.
    ///   - reader: lent the value and the scope it came from, under a lock: copy and return.
    /// - Returns: nil where a manager must be asked.
    public func resolveCached(
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>,
        version: Span<UInt8>,
        maximumAge: Int64?,
        scopes: ScopeTable,
        at now: BootInstant,
        skipping isClosed: (_ level: Span<UInt8>, Scope?) -> Bool,
        reader: (ResolvedSecret) -> Void
    ) -> CachedResolution? {
        var level = namespace
        while true {
            let scope = scopes.find(tenant: tenant, namespace: level)
            if !isClosed(level, scope) {
                guard let scope, scope.cache.isEnabled else { return nil }
                let probe = CacheKey(
                    scope: scope.id,
                    tenant: tenant,
                    namespace: level,
                    key: key,
                    version: version
                )
                switch cache.read(probe, at: now, maximumAge: maximumAge, reader: reader) {
                case .hit(let refresh): return refresh ? .foundNeedsRefresh : .found
                case .miss: return nil
                case .notFound: break
                }
            }
            guard let parent = NameRules.parentCount(of: level) else { return .notFound }
            level = level.extracting(first: parent)
        }
    }

    /// What the cache alone could say.
    public enum CachedResolution: Sendable {
        case found
        /// Found, and the caller is to call ``refresh(_:scopes:skipping:)``.
        case foundNeedsRefresh
        case notFound
    }

    // MARK: The way that may wait

    /// Looks level by level, the nearest first. A level that cannot tell ends the search: its parents must not answer for it.
    ///
    /// - Parameter isClosed: whether a level is closed to the caller.
    public func resolve(
        _ reference: SecretReference,
        scopes: ScopeTable,
        skipping isClosed: @Sendable (String) -> Bool
    ) async -> Resolution {
        var lacksScope = false
        var sawScope = false
        for level in reference.levels where !isClosed(level) {
            guard let scope = scopes.find(tenant: reference.tenant, namespace: level) else {
                lacksScope = true
                continue
            }
            sawScope = true
            let name = SecretName(tenant: reference.tenant, namespace: level, key: reference.key)
            let key = StoredKey(scope: scope.id, name: name, version: reference.version)
            let (answer, source) = await lookUp(key, scope: scope, maximumAge: reference.maximumAge)
            switch answer {
            case .found(let secret): return .found(secret, source)
            case .failed(let error): return .failed(error)
            case .notFound: continue
            }
        }
        return sawScope || !lacksScope ? .notFound : .noBackend
    }

    /// Fetches anew behind an answer that has already been given.
    public func refresh(
        _ reference: SecretReference,
        scopes: ScopeTable,
        skipping isClosed: @Sendable (String) -> Bool
    ) async {
        for level in reference.levels where !isClosed(level) {
            guard let scope = scopes.find(tenant: reference.tenant, namespace: level) else { continue }
            let name = SecretName(tenant: reference.tenant, namespace: level, key: reference.key)
            let key = StoredKey(scope: scope.id, name: name, version: reference.version)
            guard let old = cache.readStale(key, at: .now) else { continue }
            return await renew(key, scope: scope, old: old)
        }
    }

    /// Whatever became of it (it may have failed, or not be kept), a later reader may try again.
    private func renew(_ key: StoredKey, scope: Scope, old: ResolvedSecret) async {
        let task = flights.withLock { flights in flight(of: key, scope: scope, &flights) }
        _ = await task.value
        cache.refreshEnded(key, of: old)
    }

    private func lookUp(_ key: StoredKey, scope: Scope, maximumAge: Int64?) async -> (LevelAnswer, Source) {
        if let cached = readCache(key, scope: scope, maximumAge: maximumAge) { return (cached, .cached) }
        let beginning = flights.withLock { flights -> Beginning in
            // A flight may have landed since the first look; it leaves the list only after the cache has its answer.
            if flights.inTheAir[key] == nil, let cached = readCache(key, scope: scope, maximumAge: maximumAge) {
                return .cached(cached)
            }
            return .flight(flight(of: key, scope: scope, &flights))
        }
        let answer: LevelAnswer
        switch beginning {
        case .cached(let cached): return (cached, .cached)
        case .flight(let task): answer = await task.value
        }
        guard case .failed(let error) = answer, error.isUnreachable, scope.cache.serveStaleFor > .zero,
            let stale = cache.readStale(key, at: .now)
        else { return (answer, .fresh) }
        let isTooOld = maximumAge.map { BootInstant.now.nanoseconds(since: stale.fetchedAt) > $0 } ?? false
        return isTooOld ? (answer, .fresh) : (.found(stale), .stale)
    }

    private func readCache(_ key: StoredKey, scope: Scope, maximumAge: Int64?) -> LevelAnswer? {
        guard scope.cache.isEnabled else { return nil }
        var found: ResolvedSecret?
        let answer = key.withCacheKey { probe in
            cache.read(probe, at: .now, maximumAge: maximumAge) { found = $0 }
        }
        switch answer {
        case .hit(let refresh):
            guard let found else { return nil }
            if refresh { Task { await self.renew(key, scope: scope, old: found) } }
            return .found(found)
        case .notFound: return .notFound
        case .miss: return nil
        }
    }

    /// The fetch of this name that is under way, or else a new one.
    private func flight(of key: StoredKey, scope: Scope, _ flights: inout Flights) -> Task<LevelAnswer, Never> {
        if let flight = flights.inTheAir[key] { return flight.task }
        flights.nextNumber += 1
        let number = flights.nextNumber
        // Read here, under the lock: a write that comes later also takes this flight off the list.
        let epoch = cache.epoch(of: key.name)
        let task = Task { await self.ask(key, scope: scope, epoch: epoch, flight: number) }
        flights.inTheAir[key] = Flight(task: task, number: number)
        return task
    }

    private func ask(_ key: StoredKey, scope: Scope, epoch: UInt64, flight number: UInt64) async -> LevelAnswer {
        defer {
            flights.withLock { flights in
                if flights.inTheAir[key]?.number == number { flights.inTheAir[key] = nil }
            }
        }
        backendCalls.add(1, ordering: .relaxed)
        do throws(BackendError) {
            let version = key.version.isEmpty ? nil : key.version
            let answered = try await scope.backend.get(key.name, version: version)
            lastCallFailed.store(false, ordering: .relaxed)
            guard let fetched = answered else {
                cache.store(key, answer: nil, policy: scope.cache, since: epoch, at: .now)
                return .notFound
            }
            let now = BootInstant.now
            let kept = scope.cache.isEnabled ? scope.cache.expireAfterWrite : .zero
            // A lifetime of zero from a manager never means for ever: such a value is not kept at all.
            let allowed = fetched.lifetime
            let lifetime = allowed.map { min($0, kept) } ?? kept
            let name = fetched.version
            let secret = ResolvedSecret(
                value: fetched.takeValue(),
                namespace: key.name.namespace,
                version: name,
                fetchedAt: now,
                expiresAt: now.advanced(by: lifetime)
            )
            cache.store(
                key,
                answer: secret,
                policy: scope.cache,
                since: epoch,
                at: now,
                keptUntil: allowed.map { now.advanced(by: $0) } ?? .distantFuture
            )
            return .found(secret)
        } catch {
            if error.isTrouble { failures.add(1, ordering: .relaxed) }
            lastCallFailed.store(error.isTrouble, ordering: .relaxed)
            return .failed(error)
        }
    }

    // MARK: Writing

    /// Writes through the nearest scope, then forgets what the cache held.
    ///
    /// - Returns: the new version, or nil where no scope is configured for the name.
    public func put(
        _ write: SecretWrite,
        value: borrowing SecretBytes,
        scopes: ScopeTable
    ) async throws(BackendError) -> String? {
        guard let scope = scopes.find(tenant: write.name.tenant, namespace: write.name.namespace) else { return nil }
        guard !scope.isReadOnly, scope.backend.capabilities.contains(.write) else { throw .readOnly }
        // Forgotten even where the call failed: it may have been carried out all the same.
        defer { forget(write.name) }
        return try await scope.backend.put(write, value: value)
    }

    /// Deletes in the nearest scope, then forgets what the cache held.
    ///
    /// - Returns: whether there was a value; nil where no scope is configured for the name.
    public func delete(_ name: SecretName, scopes: ScopeTable) async throws(BackendError) -> Bool? {
        guard let scope = scopes.find(tenant: name.tenant, namespace: name.namespace) else { return nil }
        guard !scope.isReadOnly, scope.backend.capabilities.contains(.write) else { throw .readOnly }
        defer { forget(name) }
        return try await scope.backend.delete(name)
    }

    private func forget(_ name: SecretName) {
        cache.invalidate(name)
        // Who asks from now on must not join a fetch that began before the write.
        flights.withLock { flights in
            flights.inTheAir = flights.inTheAir.filter { key, _ in
                !key.name.key.hasSameBytes(as: name.key) || !key.name.tenant.hasSameBytes(as: name.tenant)
            }
        }
    }

    // MARK: Listing

    /// One page of names. With `inherited`, the parents' names follow the namespace's own, each name at its nearest level
    /// only.
    public func list(
        _ query: ListQuery,
        scopes: ScopeTable
    ) async throws(BackendError) -> ListPage? {
        guard let scope = scopes.find(tenant: query.tenant, namespace: query.namespace) else { return nil }
        guard scope.backend.capabilities.contains(.list) else {
            throw .unsupported(detail: "\(scope.type) cannot list names")
        }
        return try await scope.backend.list(query)
    }
}

extension BackendError {
    /// Whether the manager could not be reached, so that a stale value may stand in.
    var isUnreachable: Bool {
        switch self {
        case .unavailable, .throttled: true
        default: false
        }
    }
}
