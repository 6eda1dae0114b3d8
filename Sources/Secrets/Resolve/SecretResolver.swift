public import SecretMemory

/// Finds values: climbs namespaces, asks the cache, and else the manager, once for all who ask at the same time.
public final class SecretResolver: Sendable {
    public let cache: Cache
    private let flights: Flights
    private let time: TimeSource

    public init(cache: Cache, time: TimeSource = .system) {
        self.cache = cache
        self.time = time
        flights = Flights(time: time)
    }

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

    /// Answers for one level that the caller has been allowed before.
    ///
    /// - Returns: nil where the level has no value in the cache; what that means, ``resolveCached`` knows.
    public func readCached(
        _ probe: CacheProbe,
        maximumAge: Int64?,
        at now: BootInstant,
        reader: (ResolvedSecret) -> Void
    ) -> CachedResolution? {
        switch cache.read(probe, at: now, maximumAge: maximumAge, reader: reader) {
        case .hit(let refresh): refresh ? .foundNeedsRefresh : .found
        case .miss, .notFound: nil
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
    /// - Parameters:
    ///   - deadline: when the caller must have an answer; what is tried again is tried before it.
    ///   - isClosed: whether a level is closed to the caller.
    public func resolve(
        _ reference: SecretReference,
        scopes: ScopeTable,
        until deadline: BootInstant,
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
            let (answer, source) = await lookUp(key, scope, reference.maximumAge, until: deadline)
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
            guard let old = cache.readStale(key, at: time.now()) else { continue }
            return await renew(key, scope: scope, old: old)
        }
    }

    /// Whatever became of it (it may have failed, or not be kept), a later reader may try again.
    private func renew(_ key: StoredKey, scope: Scope, old: ResolvedSecret) async {
        let deadline = time.now().advanced(by: Self.refreshPatience)
        let boarding = flights.board(key, until: deadline, unless: { nil }) { number in
            fetch(key, scope, .read, until: deadline, flight: number)
        }
        if case .seat(let seat) = boarding { _ = await flights.wait(seat) }
        cache.refreshEnded(key, of: old)
    }

    /// How long a refresh that nobody waits for may take.
    private static let refreshPatience = Duration.seconds(30)

    private func lookUp(
        _ key: StoredKey,
        _ scope: Scope,
        _ maximumAge: Int64?,
        until deadline: BootInstant
    ) async -> (LevelAnswer, Source) {
        if let cached = readCache(key, scope: scope, maximumAge: maximumAge) { return (cached, .cached) }
        let mayBeStale = scope.cache.serveStaleFor > .zero
        // Who has something to fall back on does not try again and again first.
        let kind: Budget.Kind = mayBeStale && cache.readStale(key, at: time.now()) != nil ? .impatientRead : .read
        let boarding = flights.board(
            key,
            until: deadline,
            unless: { readCache(key, scope: scope, maximumAge: maximumAge) }
        ) { number in
            fetch(key, scope, kind, until: deadline, flight: number)
        }
        let answer: LevelAnswer
        switch boarding {
        case .answered(let cached): return (cached, .cached)
        case .seat(let seat): answer = await flights.wait(seat)
        }
        guard mayBeStale, case .failed(let error) = answer, error.mayPass,
            let stale = cache.readStale(key, at: time.now())
        else { return (answer, .fresh) }
        let isTooOld = maximumAge.map { time.now().nanoseconds(since: stale.fetchedAt) > $0 } ?? false
        return isTooOld ? (answer, .fresh) : (.found(stale), .stale)
    }

    private func readCache(_ key: StoredKey, scope: Scope, maximumAge: Int64?) -> LevelAnswer? {
        guard scope.cache.isEnabled else { return nil }
        var found: ResolvedSecret?
        let answer = key.withCacheKey { probe in
            cache.read(probe, at: time.now(), maximumAge: maximumAge) { found = $0 }
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

    private func fetch(
        _ key: StoredKey,
        _ scope: Scope,
        _ kind: Budget.Kind,
        until deadline: BootInstant,
        flight number: UInt64
    ) -> Task<LevelAnswer, Never> {
        // Read here, under the lock of the flights: a write that comes later also takes this one off their list.
        let epoch = cache.epoch(of: key.name)
        return Task {
            defer { flights.landed(key, number: number) }
            return await ask(key, scope, kind, until: deadline, since: epoch)
        }
    }

    private func ask(
        _ key: StoredKey,
        _ scope: Scope,
        _ kind: Budget.Kind,
        until deadline: BootInstant,
        since epoch: UInt64
    ) async -> LevelAnswer {
        do throws(BackendError) {
            let version = key.version.isEmpty ? nil : key.version
            let answered = try await scope.budget.run(kind, until: deadline) { () throws(BackendError) in
                try await scope.backend.get(key.name, version: version)
            }
            guard let fetched = answered else {
                cache.store(key, answer: nil, policy: scope.cache, since: epoch, at: time.now())
                return .notFound
            }
            return .found(keep(fetched, as: key, scope, since: epoch))
        } catch {
            return .failed(error)
        }
    }

    private func keep(
        _ fetched: consuming FetchedSecret,
        as key: StoredKey,
        _ scope: Scope,
        since epoch: UInt64
    ) -> ResolvedSecret {
        let now = time.now()
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
        return secret
    }

    // MARK: Writing

    /// Writes through the nearest scope, then forgets what the cache held.
    ///
    /// - Returns: the new version, or nil where no scope is configured for the name.
    public func put(
        _ write: SecretWrite,
        value: SharedSecret,
        scopes: ScopeTable,
        until deadline: BootInstant
    ) async throws(BackendError) -> String? {
        guard let scope = scopes.find(tenant: write.name.tenant, namespace: write.name.namespace) else { return nil }
        guard !scope.isReadOnly, scope.backend.capabilities.contains(.write) else { throw .readOnly }
        // Forgotten even where the call failed: it may have been carried out all the same.
        defer { forget(write.name) }
        return try await scope.budget.run(.write, until: deadline) { () throws(BackendError) in
            try await scope.backend.put(write, value: value.value)
        }
    }

    /// Deletes in the nearest scope, then forgets what the cache held.
    ///
    /// - Returns: whether there was a value; nil where no scope is configured for the name.
    public func delete(
        _ name: SecretName,
        scopes: ScopeTable,
        until deadline: BootInstant
    ) async throws(BackendError) -> Bool? {
        guard let scope = scopes.find(tenant: name.tenant, namespace: name.namespace) else { return nil }
        guard !scope.isReadOnly, scope.backend.capabilities.contains(.write) else { throw .readOnly }
        defer { forget(name) }
        return try await scope.budget.run(.write, until: deadline) { () throws(BackendError) in
            try await scope.backend.delete(name)
        }
    }

    private func forget(_ name: SecretName) {
        cache.invalidate(name)
        flights.forget(name)
    }

    // MARK: Listing

    /// One page of names. With `inherited`, the parents' names follow the namespace's own, each name at its nearest level
    /// only.
    public func list(
        _ query: ListQuery,
        scopes: ScopeTable,
        until deadline: BootInstant
    ) async throws(BackendError) -> ListPage? {
        guard let scope = scopes.find(tenant: query.tenant, namespace: query.namespace) else { return nil }
        guard scope.backend.capabilities.contains(.list) else {
            throw .unsupported(detail: "\(scope.type) cannot list names")
        }
        return try await scope.budget.run(.read, until: deadline) { () throws(BackendError) in
            try await scope.backend.list(query)
        }
    }
}
